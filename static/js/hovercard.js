// A card about a member, /@name/card: shown on hover or keyboard focus of a name or picture,
// and by a long press on a touch screen, where a tap opens the profile as usual. Tab goes from the name into the card
// and from its last button to what follows the name; Escape closes it. Without JavaScript the name is a link.
const REST = 400;
const PRESS = 450; // sooner than the browser opens its own menu
const LEAVE = 250;
const KEEP = 60_000;
const GAP = 6;
const EDGE = 8;

const memory = new Map(); // address → { at, html }; empty html: hidden from this viewer
let card = null;
let anchor = null;
let timer = 0;
let leaving = 0;
let pressed = false;
let pointer = "mouse";

const focusable = () => [...card.querySelectorAll("a[href]:not([tabindex='-1']), button:not([disabled])")];
const isOpen = () => Boolean(card?.matches(":popover-open"));

// A link to a profile, not to a page below it, and not one for navigation.
function personLink(target) {
  const link = target.closest?.("a[href]");
  if (!link || link.matches(".tab, .btn, .btn-icon, .menu-item, .nav-link") || link.closest(".nav, .hovercard, .menu-list")) return null;
  if (link.origin !== location.origin || link.search || !/^\/@[a-z0-9_]+$/.test(link.pathname)) return null;
  return link.hash || link.pathname === location.pathname ? null : link;
}

async function htmlOf(address) {
  const kept = memory.get(address);
  if (kept && Date.now() - kept.at < KEEP) return kept.html;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  const html = answer.ok ? await answer.text() : "";
  if (answer.ok || answer.status === 404) memory.set(address, { at: Date.now(), html });
  return html;
}

function makeCard() {
  card = document.createElement("div");
  card.id = "hovercard";
  card.className = "hovercard";
  card.popover = "manual";
  document.body.append(card);
  card.addEventListener("pointerenter", () => clearTimeout(leaving));
  card.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") leaveSoon(); });
  card.addEventListener("htmx:after:swap", nameApart);
}

// The page may show the same member and button: make the ids of the card unique, and update the page's button
// with the card's.
function nameApart() {
  for (const item of card.querySelectorAll("[id]:not([id^='card-'])")) {
    const twin = [...document.querySelectorAll(`[id="${item.id}"]`)].find((other) => !card.contains(other));
    if (twin?.matches(".btn-follow") && twin.outerHTML !== item.outerHTML) {
      const copy = item.cloneNode(true);
      copy.classList.toggle("btn-sm", twin.classList.contains("btn-sm"));
      if (!twin.getAttribute("hx-post")?.endsWith("?small")) copy.setAttribute("hx-post", copy.getAttribute("formaction"));
      twin.replaceWith(copy);
      window.htmx?.process(copy);
    }
    item.id = `card-${item.id}`;
  }
}

function place(at) {
  const box = at.getClientRects()[0] ?? at.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const below = box.bottom + GAP + height <= innerHeight - EDGE || box.top - GAP - height < EDGE;
  const top = below ? Math.min(box.bottom + GAP, innerHeight - EDGE - height) : box.top - GAP - height;
  const left = Math.min(Math.max(EDGE, box.left), innerWidth - EDGE - width);
  card.style.top = `${Math.max(EDGE, top)}px`;
  card.style.left = `${left}px`;
}

async function show(link) {
  anchor = link;
  let html = "";
  try {
    html = await htmlOf(`${link.pathname}/card`);
  } catch { /* Offline: the name is a link. */ }
  // The pointer may have moved away meanwhile.
  if (anchor !== link || !html || !link.isConnected) return;
  if (!card) makeCard();
  card.innerHTML = html;
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", card.querySelector("article")?.getAttribute("aria-label") ?? "");
  for (const item of card.querySelectorAll("[id]")) item.id = `card-${item.id}`;
  window.htmx?.process(card);
  if (!isOpen()) card.showPopover();
  place(link);
}

function hide() {
  clearTimeout(timer);
  clearTimeout(leaving);
  anchor = null;
  if (isOpen()) card.hidePopover();
}

function soon(link, wait) {
  clearTimeout(timer);
  clearTimeout(leaving);
  if (link === anchor && isOpen()) return;
  timer = setTimeout(show, wait, link);
}

function leaveSoon() {
  clearTimeout(timer);
  clearTimeout(leaving);
  // Not :focus-visible: focus that a script restores after a click looks like that.
  leaving = setTimeout(() => { if (pointer !== "key" || !card?.contains(document.activeElement)) hide(); }, LEAVE);
}

document.addEventListener("pointerover", (event) => {
  pointer = event.pointerType;
  if (event.pointerType !== "mouse" || event.buttons) return;
  const link = personLink(event.target);
  if (link) soon(link, REST);
});
document.addEventListener("pointerout", (event) => {
  if (event.pointerType !== "mouse") return;
  const link = personLink(event.target);
  if (link && !link.contains(event.relatedTarget)) leaveSoon();
});

document.addEventListener("focusin", (event) => {
  if (card?.contains(event.target)) return pointer === "key" && clearTimeout(leaving);
  const link = personLink(event.target);
  if (link && event.target.matches(":focus-visible")) soon(link, REST);
  else if (isOpen() && pointer === "key") hide();
});
document.addEventListener("focusout", (event) => {
  if (event.target === anchor && !card?.contains(event.relatedTarget)) leaveSoon();
  else if (personLink(event.target)) clearTimeout(timer);
});

document.addEventListener("keydown", (event) => {
  pointer = "key";
  if (!isOpen()) return;
  if (event.key === "Escape") {
    if (card.contains(document.activeElement)) anchor?.focus({ preventScroll: true });
    hide();
    event.stopPropagation();
  } else if (event.key === "Tab") {
    const stops = focusable();
    const at = stops.indexOf(document.activeElement);
    const from = anchor;
    if (document.activeElement === anchor && !event.shiftKey && stops.length) {
      event.preventDefault();
      stops[0].focus();
    } else if (at === 0 && event.shiftKey) {
      event.preventDefault();
      from.focus();
    } else if (at === stops.length - 1 && !event.shiftKey && at !== -1) {
      // Back to the name, where Tab continues.
      from.focus();
      hide();
    }
  }
}, true);

// --- Touch: a long press ---------------------------------------------------------------------------------------------------

let start = null;

function press(link) {
  clearTimeout(timer);
  pressed = true;
  show(link);
}

document.addEventListener("pointerdown", (event) => {
  pointer = event.pointerType;
  pressed = false;
  if (isOpen() && !card.contains(event.target)) hide();
  clearTimeout(timer);
  const link = event.pointerType === "mouse" ? null : personLink(event.target);
  if (!link) return;
  start = [event.clientX, event.clientY];
  timer = setTimeout(press, PRESS, link);
});
document.addEventListener("pointermove", (event) => {
  if (start && Math.hypot(event.clientX - start[0], event.clientY - start[1]) > 10) { clearTimeout(timer); start = null; }
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, (event) => { start = null; if (event.pointerType !== "mouse" && !pressed) clearTimeout(timer); });
}
// After the press has shown the card, don't open the browser's menu or, on release, the profile.
document.addEventListener("contextmenu", (event) => {
  const link = pointer === "touch" || pointer === "pen" ? personLink(event.target) : null;
  if (!link) return;
  event.preventDefault();
  if (!pressed) press(link);
});
document.addEventListener("click", (event) => {
  if (pressed && personLink(event.target)) event.preventDefault();
  else if (!card?.contains(event.target)) hide();
  pressed = false;
}, true);

// --- Invalidating and hiding cards -----------------------------------------------------------------------------------------

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => { if (ctx?.request?.method !== "GET") memory.clear(); });
addEventListener("scroll", () => { if (isOpen() && !card.contains(document.activeElement)) hide(); }, { passive: true });
addEventListener("resize", hide);
addEventListener("pagehide", hide);
