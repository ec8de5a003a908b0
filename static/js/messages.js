// Loaded by message pages: an open conversation ([data-room]) and the inbox ([data-inbox]).
// New messages appear by themselves, and deleted ones disappear. A message is read when it is on
// screen, in a visible window with the focus. badges.js updates the number in the navigation.
import { fragment } from "kith/fragment";
import { newer } from "kith/streams";
import { csrfToken } from "kith/toast";

const room = document.querySelector("[data-room]");
const inbox = document.querySelector("[data-inbox]");
const conversation = room?.dataset.conversation;

// --- A conversation ----------------------------------------------------------------------------------------------------

const end = document.getElementById("end");
const bubbles = () => [...room.querySelectorAll("[data-message]")];
const page = document.scrollingElement;
const isAtEnd = () => page.scrollHeight - innerHeight - scrollY < 80;
const toEnd = () => scrollTo(0, page.scrollHeight);
// The field at the bottom covers the messages.
const foot = () => document.querySelector("[data-room-write]")?.getBoundingClientRect().top ?? innerHeight;

// Not every browser keeps the scroll position when something above changes: turn it off (overflow-anchor).
function keepPlace(change) {
  const shown = bubbles().find((bubble) => bubble.getBoundingClientRect().bottom > 0);
  const top = shown?.getBoundingClientRect().top;
  change();
  if (shown?.isConnected) scrollBy(0, shown.getBoundingClientRect().top - top);
}

// Fetch the messages after a given one: add what is missing, and remove what was deleted.
async function bring(after) {
  const found = [...(await fragment(`/messages/${conversation}/since?after=${after}`)).querySelectorAll("[data-message]")];
  const stay = isAtEnd();
  const there = new Set(found.map((bubble) => bubble.dataset.message));
  keepPlace(() => {
    for (const bubble of bubbles()) {
      const id = bubble.dataset.message;
      // The response has the newest hundred; older ones may still exist.
      if (newer(id, after) && !there.has(id) && (found.length < 100 || newer(id, found[0].dataset.message))) bubble.remove();
    }
  });
  for (const bubble of found) {
    if (document.getElementById(bubble.id)) continue;
    const next = bubbles().find((other) => newer(other.dataset.message, bubble.dataset.message));
    (next ?? end).before(bubble);
    window.htmx?.process(bubble);
  }
  room.querySelector(":scope > .empty")?.remove();
  if (stay) toEnd();
  markRead();
}

// If this fails, the next live message or a reload brings it.
const bringNew = () => bring(bubbles().at(-1)?.dataset.message ?? "0").catch(() => {});
const bringAll = () => bring(bubbles().length ? String(BigInt(bubbles()[0].dataset.message) - 1n) : "0").catch(() => {});

let read = room?.dataset.readUpTo || "0";

function markRead() {
  if (!conversation || document.hidden || !document.hasFocus()) return;
  const seen = bubbles().findLast((bubble) => !bubble.matches(".is-mine") && bubble.getBoundingClientRect().top < foot() - 24);
  if (!seen || !newer(seen.dataset.message, read)) return;
  const before = read;
  read = seen.dataset.message;
  const body = new URLSearchParams({ up_to: read });
  fetch(`/messages/${conversation}/read`, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } })
    .then((answer) => { if (!answer.ok) read = before; })
    .catch(() => { read = before; });
}

if (room) {
  toEnd();
  markRead();
  // With an anchor (#end, after the first message) the browser ignores autofocus.
  addEventListener("load", () => location.hash && document.getElementById("write-text")?.focus({ preventScroll: true }));
  addEventListener("focus", markRead);
  addEventListener("online", markRead);
  addEventListener("scroll", markRead, { passive: true });
  document.addEventListener("visibilitychange", markRead);
  // What happened before the socket was connected, or while it was interrupted.
  document.addEventListener("live:caught-up", () => conversation && bringAll());
  document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
    ctx.kithFirst = room.querySelector("[data-message]");
    ctx.kithTop = ctx.kithFirst?.getBoundingClientRect().top;
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("[data-room-write]")) {
      // The live message may have been faster than the response.
      for (const bubble of bubbles()) if (document.getElementById(bubble.id) !== bubble) bubble.remove();
      toEnd();
    } else if (ctx.kithFirst?.isConnected) {
      // Earlier messages are inserted above: keep the scroll position.
      scrollBy(0, ctx.kithFirst.getBoundingClientRect().top - ctx.kithTop);
    }
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("[data-room-write]") && ctx.response?.status < 300) document.getElementById("write-text")?.focus();
  });
}

// --- The inbox ---------------------------------------------------------------------------------------------------------

const asked = new Map(); // conversation → requests for its row: only the last response counts

async function drawLine(id, onTop) {
  const turn = (asked.get(id) ?? 0) + 1;
  asked.set(id, turn);
  const old = () => document.getElementById(`convo-${id}`);
  let line = null;
  try {
    line = (await fragment(`/messages/${id}/row`)).querySelector(".convo");
  } catch (fault) {
    if (fault.status !== 404) return;
  }
  if (asked.get(id) !== turn) return;
  const had = document.activeElement === old();
  if (!line) old()?.remove();
  else if (old() && !onTop) old().replaceWith(line);
  else {
    old()?.remove();
    inbox.querySelector(":scope > .empty")?.remove();
    inbox.prepend(line);
  }
  if (had) line?.focus({ preventScroll: true });
}

document.addEventListener("live:message", ({ detail: message }) => {
  if (!message.conversation) return;
  if (inbox) drawLine(message.conversation, message.type === "message.created");
  if (!conversation || message.conversation !== conversation) return;
  if (message.type === "message.created") bringNew();
  if (message.type === "message.deleted") {
    const bubble = document.getElementById(`message-${message.id}`);
    if (bubble?.contains(document.activeElement)) document.getElementById("write-text")?.focus();
    if (bubble) keepPlace(() => bubble.remove());
  }
  if (message.type === "conversation.read" && newer(message.read_up_to, read)) read = message.read_up_to;
});
