// What a member saw of a list, so that For you can learn from it: [data-post] cards below a [data-source] list.
// A view is half a card on screen for a second; dwell is how long it stayed; click is opening it. Sent five seconds
// after the first, at twenty, and on leaving the page.
const VIEW_AFTER = 1000;
const SEND_AFTER = 5000;
const SEND_AT = 20;

const signedIn = Boolean(document.body.dataset.member);
const cards = new WeakMap(); // card → {since, viewed, timer}
const waiting = [];
let sending;

function log(card, kind, more = {}) {
  const list = card.closest("[data-source]");
  if (!list) return;
  const position = [...list.querySelectorAll("[data-post]")].indexOf(card);
  const event = { id: crypto.randomUUID(), post: card.dataset.post, kind, source: list.dataset.source, position, ...more };
  waiting.push({ ...event, at: new Date().toISOString() });
  if (waiting.length >= SEND_AT) send();
  else sending ??= setTimeout(send, SEND_AFTER);
}

function send() {
  clearTimeout(sending);
  sending = undefined;
  while (waiting.length) {
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
    fetch("/api/track", {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ events: waiting.splice(0, SEND_AT) }),
    }).catch(() => {}); // a lost batch is no trouble of the reader's
  }
}

function left(card) {
  const state = cards.get(card);
  if (!state?.since) return;
  clearTimeout(state.timer);
  const dwell = Math.round(performance.now() - state.since);
  state.since = 0;
  if (state.viewed) log(card, "dwell", { dwell_ms: Math.min(dwell, 3_600_000) });
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio, isIntersecting, intersectionRect, rootBounds } of entries) {
      const state = cards.get(target);
      // A card taller than the window can never be half shown; filling half the window counts as well.
      const seen = isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height > (rootBounds?.height ?? Infinity) / 2);
      if (seen && !state.since) {
        state.since = performance.now();
        state.timer = setTimeout(() => {
          if (!state.viewed) log(target, "view");
          state.viewed = true;
        }, VIEW_AFTER);
      } else if (!seen) left(target);
    }
  },
  { threshold: [0, 0.25, 0.5] },
);

function watch() {
  for (const card of document.querySelectorAll("[data-source] [data-post]")) {
    if (cards.has(card)) continue;
    cards.set(card, { since: 0, viewed: false });
    observer.observe(card);
  }
}

if (signedIn) {
  watch();
  document.addEventListener("htmx:after:process", watch);
  document.addEventListener("click", (event) => {
    const card = event.target.closest?.("[data-source] [data-post]");
    if (card && !event.target.closest("button, form")) log(card, "click");
    if (card && event.target.closest("[data-share]")) log(card, "share");
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    for (const card of document.querySelectorAll("[data-source] [data-post]")) left(card);
    send();
  });
}
