// Virtualizes long lists. Cards far from the window are removed, ten at a time: a box of their height with
// data-far="10" replaces them, and they return before they are visible, as they were (live.js catches up).
// Nothing on screen moves. Cards in use (focus, open menu, form, selection) are not removed.
// If the browser hasn’t cached the page for Back, the list is rebuilt as far as it was read, at the same place.

const RUN = 10;
const FAR = 3000; // px from the window: remove
const NEAR = 1500; // px from the window: restore
const ENOUGH = 60; // cards that stay in any case
const CARD = "article.post:not(.post-focus, .post-editing), p.post-gone, .note-row, .person";
const IN_USE = "textarea, input, dialog, details.menu[open], video, audio, [data-sending], .htmx-request";

const kept = new WeakMap(); // box → its cards as HTML
const fresh = new Map(); // id → a card re-rendered meanwhile
const boxes = (root = document) => [...root.querySelectorAll("[data-far]")];
const distance = ({ top, bottom }) => Math.max(-bottom, top - innerHeight);
const lists = () => new Set([...document.querySelectorAll(`.stream :is(${CARD})`)].map((card) => card.parentElement));

// --- Removing ----------------------------------------------------------------------------------------------------------

function isInUse(card) {
  const selection = getSelection();
  return (
    card.contains(document.activeElement) ||
    card.querySelector(IN_USE) ||
    card.matches("[data-sending], .htmx-request") ||
    (!selection.isCollapsed && selection.containsNode(card, true))
  );
}

function box(html, count, height) {
  const made = document.createElement("div");
  made.dataset.far = String(count);
  made.style.height = `${height}px`;
  made.setAttribute("aria-hidden", "true");
  kept.set(made, html);
  observer.observe(made);
  return made;
}

const asHtml = (cards) => cards.map((card) => card.outerHTML).join("").replaceAll(' data-htmx-powered="true"', "");

function removeCards(cards) {
  const [first, last] = [cards[0], cards.at(-1)];
  const height = last.getBoundingClientRect().bottom - first.getBoundingClientRect().top;
  first.before(box(asHtml(cards), cards.length, height));
  for (const card of cards) card.remove();
}

function tidy() {
  for (const list of lists()) {
    const runs = [];
    let run = [];
    let count = 0;
    for (const item of list.children) {
      const fits = item.matches(CARD) && distance(item.getBoundingClientRect()) > FAR && !isInUse(item);
      count += Number(item.matches(CARD));
      if (fits) run.push(item);
      if (run.length === RUN) runs.push(run);
      if (!fits || run.length === RUN) run = [];
    }
    // Measure first, then change.
    if (count > ENOUGH) runs.forEach(removeCards);
  }
}

let timer = 0;
const tidySoon = () => { timer ||= setTimeout(() => { timer = 0; tidy(); }, 300); };

// --- Restoring ---------------------------------------------------------------------------------------------------------

function restoreCards(gone) {
  const html = kept.get(gone);
  if (html === undefined || !gone.isConnected) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  const cards = [...template.content.children].filter((card) => !card.id || !document.getElementById(card.id));
  const steady = distance(gone.getBoundingClientRect()) > 0 && gone.getBoundingClientRect().top < 0 ? onScreen() : null;
  const top = steady?.getBoundingClientRect().top;
  observer.unobserve(gone);
  kept.delete(gone);
  gone.replaceWith(...cards.map((card) => fresh.get(card.id) ?? card));
  for (const card of cards) {
    const drawn = fresh.get(card.id) ?? card;
    fresh.delete(card.id);
    window.htmx?.process(drawn);
    drawn.dispatchEvent(new CustomEvent("kith:back", { bubbles: true }));
  }
  // The window may be wider than before: keep the scroll position.
  if (steady?.isConnected) scrollBy({ top: steady.getBoundingClientRect().top - top, behavior: "instant" });
}

const onScreen = () => [...document.querySelectorAll(`.stream :is(${CARD})`)].find((card) => card.getBoundingClientRect().bottom > 60);

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) restoreCards(target);
}, { rootMargin: `${NEAR}px 0px` });

// The observer is a frame late for a jump (the End key, a dragged scrollbar).
let lastY = scrollY;
addEventListener("scroll", () => {
  if (Math.abs(scrollY - lastY) > NEAR / 2) {
    for (const gone of boxes()) if (distance(gone.getBoundingClientRect()) < NEAR / 2) restoreCards(gone);
  }
  lastY = scrollY;
  tidySoon();
}, { passive: true });

// Dispatched before the keyboard moves on from a card, or something is inserted at the top of a list.
document.addEventListener("kith:beside", ({ target: card }) => {
  for (const side of [card.previousElementSibling, card.nextElementSibling]) if (side?.matches("[data-far]")) restoreCards(side);
});
document.addEventListener("kith:at-top", ({ target: list }) => {
  const first = [...list.children].find((item) => item.matches(`${CARD}, [data-far]`));
  if (first?.matches("[data-far]")) restoreCards(first);
});

function goTo(id) {
  const gone = id && !document.getElementById(id) && boxes().find((each) => kept.get(each)?.includes(` id="${id}"`));
  if (!gone) return;
  restoreCards(gone);
  document.getElementById(id)?.scrollIntoView();
}

document.addEventListener("htmx:after:process", tidySoon);
addEventListener("hashchange", () => goTo(decodeURIComponent(location.hash.slice(1))));
addEventListener("beforeprint", () => boxes().forEach(restoreCards));

// --- Back, where the browser hasn’t cached the page --------------------------------------------------------------------

const member = document.body.dataset.memberId ?? "";
const OPENED = "kith-opened"; // track.js
const name = `kith-list:${location.pathname}${location.search}`;
// Some lists have no end row.
const END = ":scope > :is(.more-row, .end-row)";
const size = (list) => [...list.children].filter((item) => item.matches(CARD)).length;
const mainList = () => document.querySelector(".more-row, .end-row")?.parentElement ?? [...lists()].sort((a, b) => size(b) - size(a))[0];

function remember() {
  const list = mainList();
  history.scrollRestoration = "auto";
  sessionStorage.removeItem(name);
  if (!list || scrollY < innerHeight) return;
  const anchor = onScreen();
  const items = [];
  let run = [];
  const flush = () => {
    if (run.length) items.push([run.length, run.at(-1).getBoundingClientRect().bottom - run[0].getBoundingClientRect().top, asHtml(run)]);
    run = [];
  };
  for (const item of list.children) {
    if (item.matches(CARD)) run.push(item);
    if (!item.matches(CARD) || run.length === RUN) flush();
    if (item.matches("[data-far]")) items.push([Number(item.dataset.far), parseFloat(item.style.height), kept.get(item)]);
  }
  flush();
  const end = asHtml([...list.querySelectorAll(END)]);
  const state = { member, anchor: anchor?.id, top: anchor?.getBoundingClientRect().top, items, end };
  for (const tries of [1, 2]) {
    try {
      return sessionStorage.setItem(name, JSON.stringify(state));
    } catch {
      // Full: delete the lists of other pages.
      for (const key of Object.keys(sessionStorage)) if (tries === 1 && key.startsWith("kith-list:")) sessionStorage.removeItem(key);
    }
  }
}

function rebuild() {
  const stored = sessionStorage.getItem(name);
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("kith-list:") && !member) sessionStorage.removeItem(key);
  if (!stored || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  const state = JSON.parse(stored);
  const list = mainList();
  if (state.member !== member || !list) return;
  history.scrollRestoration = "manual";
  const drawn = [...list.children].filter((item) => item.matches(CARD));
  const end = list.querySelector(END) ?? document.createComment("");
  if (!end.isConnected) drawn.at(-1)?.after(end);
  const had = (card) => state.items.some(([, , html]) => html.includes(` id="${card.id}"`));
  const known = drawn.findIndex(had);
  // Newer cards stay on top; just rendered cards replace their older versions.
  for (const card of known < 0 ? drawn : drawn.slice(known)) {
    fresh.set(card.id, card);
    card.remove();
  }
  end.before(...state.items.map(([count, height, html]) => box(html, count, height)));
  end.replaceWith(...document.createRange().createContextualFragment(state.end).children);
  const last = list.querySelector(END);
  if (last) window.htmx?.process(last);
  const place = () => document.getElementById(state.anchor);
  boxes(list).filter((each) => kept.get(each).includes(` id="${state.anchor}"`)).forEach(restoreCards);
  const settle = () => place() && scrollBy({ top: place().getBoundingClientRect().top - state.top, behavior: "instant" });
  settle();
  // Again, when everything around it is rendered.
  requestAnimationFrame(() => requestAnimationFrame(settle));
  const opened = JSON.parse(sessionStorage.getItem(OPENED) ?? "null");
  document.getElementById(`post-${opened?.post}`)?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("kith:returned")); // live.js
}

addEventListener("pagehide", () => { try { remember(); } catch { /* Storage is off. */ } });
try { rebuild(); } catch { /* Storage is off or invalid: the page begins at its top. */ }
