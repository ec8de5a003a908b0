// What a member saw and did in a list, for For you to learn from: [data-post] cards below a [data-source]
// list. A view is half a card on screen for a second; dwell is how long it stayed; click is opening it, share, like,
// repost and reply are literal; hide is muting or blocking its author, muting its thread, or reporting it. Sent five
// seconds after the first, at twenty, and on leaving the page. An event has an id, so that a resent one counts once.
import { newKey, wasTaken } from "kith/sending";
import { csrfToken } from "kith/toast";

const VIEW_AFTER = 1000;
const SEND_AFTER = 5000;
const SEND_AT = 20;
const KEEP_AT_MOST = 200;
const OPENED = "kith-opened";

const states = new Map(); // post → {since, viewed, timer}: a card may be rendered again
const watched = new WeakSet();
let waiting = [];
let sending;

// The card’s list and its position in it; removed cards still count (far.js).
function placeOf(card) {
  const list = card?.closest("[data-source]");
  if (!list) return null;
  let position = 0;
  for (const item of list.querySelectorAll("[data-post], [data-far]")) {
    if (item === card) break;
    position += Number(item.dataset.far ?? 1);
  }
  return { post: card.dataset.post, source: list.dataset.source, position: Math.min(position, 32_767) };
}

function log(place, kind, more = {}) {
  if (!place) return;
  waiting.push({ id: newKey(), ...place, kind, ...more, at: new Date().toISOString() });
  if (waiting.length >= SEND_AT) send();
  else sending ??= setTimeout(send, SEND_AFTER);
}

function send() {
  clearTimeout(sending);
  sending = undefined;
  while (waiting.length) {
    const events = waiting.splice(0, SEND_AT);
    fetch("/api/track", {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify({ events }),
    }).then(
      (answer) => { if (answer.status >= 500) later(events); },
      () => later(events), // not the reader’s problem
    );
  }
}

function later(events) {
  waiting = [...events, ...waiting].slice(0, KEEP_AT_MOST);
  sending ??= setTimeout(send, SEND_AFTER * 6);
}

// --- On screen -----------------------------------------------------------------------------------------------------------

function stateOf(card) {
  const id = card.dataset.post;
  if (!states.has(id)) states.set(id, { since: 0, viewed: false });
  return states.get(id);
}

function left(state) {
  if (!state.since) return;
  clearTimeout(state.timer);
  const dwell = Math.round(performance.now() - state.since);
  state.since = 0;
  if (state.viewed) log(state.place, "dwell", { dwell_ms: Math.min(dwell, 3_600_000) });
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio, isIntersecting, intersectionRect, rootBounds } of entries) {
      const state = stateOf(target);
      // A card taller than the window can’t be half visible, so filling half the window counts too.
      const seen = isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height > (rootBounds?.height ?? Infinity) / 2);
      if (seen && !state.since) {
        state.since = performance.now();
        state.place = placeOf(target);
        state.timer = setTimeout(() => {
          if (!state.viewed) log(state.place, "view");
          state.viewed = true;
        }, VIEW_AFTER);
      } else if (!seen) left(state);
    }
  },
  { threshold: [0, 0.25, 0.5] },
);

function watch() {
  for (const card of document.querySelectorAll("[data-source] [data-post]")) {
    if (watched.has(card)) continue;
    watched.add(card);
    observer.observe(card);
  }
}

// --- Actions -------------------------------------------------------------------------------------------------------------

let asked = null; // the post whose menu opened the dialog

// On its own page, a post counts for the list it came from.
function placeOfPost(id, source) {
  const card = source?.closest?.("[data-source] [data-post]") ?? document.querySelector(`[data-source] [data-post="${CSS.escape(id)}"]`);
  if (card?.dataset.post === id) return placeOf(card);
  const opened = JSON.parse(sessionStorage.getItem(OPENED) ?? "null");
  return opened?.post === id ? opened : null;
}

const ACTS = [
  [/^\/posts\/(\d+)\/like$/, "like"],
  [/^\/posts\/(\d+)\/repost$/, "repost"],
  [/^\/posts\/(\d+)\/(?:mute-thread|report)$/, "hide"],
  [/^\/@\w+\/(?:mute|block)$/, "hide"],
];

// Before sending: the response may remove the card.
function actOf({ sourceElement: source, request }) {
  const { pathname } = new URL(request.action, location.href);
  if (pathname === "/posts") {
    const answered = new FormData(source).get("in_reply_to");
    return answered && { kind: "reply", place: placeOfPost(answered, null) };
  }
  for (const [pattern, kind] of ACTS) {
    const found = pattern.exec(pathname);
    if (!found) continue;
    const id = found[1] ?? source.closest("[data-post]")?.dataset.post;
    return { kind, place: id ? placeOfPost(id, source) : asked };
  }
  return null;
}

watch();
document.addEventListener("htmx:after:process", watch);
document.addEventListener("click", ({ target }) => {
  const card = target.closest?.("[data-source] [data-post]");
  if (target.closest?.("a[data-dialog-fetch]")) asked = placeOf(card);
  if (!card) return;
  if (target.closest("[data-share]")) log(placeOf(card), "share");
  else if (!target.closest("button, form, summary, .menu, .post-more, [data-action]")) {
    log(placeOf(card), "click");
    sessionStorage.setItem(OPENED, JSON.stringify(placeOf(card)));
  }
});
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "POST") ctx.kithAct = actOf(ctx);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.kithAct && wasTaken(ctx)) log(ctx.kithAct.place, ctx.kithAct.kind);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const state of states.values()) left(state);
  send();
});
