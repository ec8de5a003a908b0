// What happens elsewhere arrives on the page: counts, hidden posts, notifications. core/consumers.py says how it is spoken.
// One socket a page; where sockets are blocked, the same answers by polling. A fact is a hint that may be lost: after every
// connection the page follows again with the newest notification it knows, and is told what it missed.
import { setConnection } from "kith/offline";
import { icon, toast } from "kith/toast";
import { gettext, interpolate, language } from "kith/words";

const PING = 25_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const POLL = 20_000;
const TRY_SOCKET_AGAIN = 120_000;
const MOST_STREAMS = 180;
const STREAMS_A_MESSAGE = 100;
const NOT_UNDERSTOOD = 4400;
const NO_LONGER_ALLOWED = 4401;

const member = document.body.dataset.memberId ?? "";
const memory = `kith-live-${member}`;

let socket = null;
let answered = false;
let failures = 0;
let stopped = false;
let reconnectTimer = 0;
let pingTimer = 0;
let pollTimer = 0;
let rescanTimer = 0;
let followed = new Set();
// What this page once could follow. What is refused afterwards has been hidden meanwhile; what it never could may stand
// here for a reason of its own.
const granted = new Set();

// --- What this tab knows already ---------------------------------------------------------------------------------------

const known = { after: "", seen: [] };
try {
  Object.assign(known, JSON.parse(sessionStorage.getItem(memory)) ?? {});
} catch { /* Storage is off or holds something else: this page starts anew. */ }

function remember() {
  try {
    sessionStorage.setItem(memory, JSON.stringify(known));
  } catch { /* Then the next page asks without it. */ }
}

// Ids are 64-bit numbers in strings: compared by length, then by letters.
export const newer = (a, b) => a.length > b.length || (a.length === b.length && a > b);

function noteId(id) {
  if (newer(id, known.after)) known.after = id;
  remember();
}

function isNew(id) {
  if (known.seen.includes(id)) return false;
  known.seen = [...known.seen.slice(-49), id];
  noteId(id);
  return true;
}

// --- What the page shows -----------------------------------------------------------------------------------------------

const cards = (id) => document.querySelectorAll(`[data-post="${CSS.escape(id)}"]`);

function wanted() {
  let posts = [...document.querySelectorAll("[data-post]")];
  if (posts.length > MOST_STREAMS) {
    const distance = (card) => Math.abs(card.getBoundingClientRect().top - innerHeight / 2);
    posts = posts.map((card) => [distance(card), card]).sort((a, b) => a[0] - b[0]).slice(0, MOST_STREAMS).map(([, card]) => card);
  }
  const streams = new Set(posts.map((card) => `post.${card.dataset.post}`));
  if (member) streams.add(`member.${member}`);
  return streams;
}

const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1, useGrouping: false });
const rounded = (number, unit) => decimal.format(number < unit * 100 ? number / unit : Math.floor(number / unit));

// As the filter `compact` of the pages says it.
function compact(number) {
  if (number < 1) return "";
  if (number >= 1_000_000) return interpolate(gettext("%(number)sM"), { number: rounded(number, 1_000_000) });
  if (number >= 1_000) return interpolate(gettext("%(number)sK"), { number: rounded(number, 1_000) });
  return String(number);
}

function showCounts(fact) {
  for (const card of cards(fact.id)) {
    // Only what is said on following has it: whether the card was drawn before the last edit.
    if (fact.edited_at && card.dataset.edited !== fact.edited_at && card.matches("article.post")) return drawAgain(fact.id);
    for (const place of card.querySelectorAll("[data-live]")) {
      const number = fact[place.dataset.live];
      if (typeof number !== "number") continue;
      const words = compact(number);
      if (place.textContent !== words) place.textContent = words;
      const button = place.closest("[aria-label]");
      const label = button?.getAttribute("aria-label").replace(/\d+/, String(number));
      if (label) button.setAttribute("aria-label", label);
    }
  }
}

// Who deletes a post sees the answer to that, which says more than the fact that overtakes it.
const OWN_ANSWER_WITHIN = 1500;

function takeAway(id) {
  const own = `.who-name[href="/@${CSS.escape(document.body.dataset.member ?? "")}"]`;
  if ([...cards(id)].some((card) => card.querySelector(own))) setTimeout(replaceGone, OWN_ANSWER_WITHIN, id);
  else replaceGone(id);
}

function replaceGone(id) {
  for (const card of cards(id)) {
    const gone = document.createElement("p");
    gone.className = "post-gone";
    gone.id = card.id;
    if (card.dataset.thread) gone.dataset.thread = card.dataset.thread;
    gone.textContent = gettext("This post isn’t available any more.");
    card.replaceWith(gone);
  }
}

function drawAgain(id) {
  for (const card of cards(id)) {
    // Nobody's reply is torn from under their hands.
    if (card.contains(document.activeElement) && document.activeElement.matches("textarea, input")) continue;
    if (card.querySelector("textarea, details.menu[open], dialog[open]")) continue;
    const veil = card.querySelector(":scope > .veil");
    const { thread } = card.dataset;
    const how = card.classList.contains("post-focus") ? "?focus=1" : veil ? "?veiled=1" : "";
    htmx.ajax("GET", `/posts/${id}/card${how}`, { source: card, target: card, swap: "outerHTML" }).then(() => {
      for (const drawn of cards(id)) {
        if (thread) drawn.dataset.thread = thread;
        // What one has uncovered stays so.
        const cover = drawn.querySelector(":scope > .veil");
        if (cover && veil?.open) cover.open = true;
      }
    });
  }
}

function showUnread(count) {
  const words = count > 99 ? "99+" : String(count);
  document.title = (count ? `(${words}) ` : "") + document.title.replace(/^\(\d+\+?\) /, "");
  const badge = document.getElementById("notifications-badge");
  if (!badge) return;
  badge.hidden = !count;
  if (badge.firstChild?.nodeType === Node.TEXT_NODE) badge.firstChild.data = count ? words : "";
  else badge.prepend(count ? words : "");
}

function showUnreadMessages(count) {
  const badge = document.getElementById("messages-badge");
  if (!badge) return;
  badge.hidden = !count;
  badge.textContent = count || "";
}

export async function fragment(path) {
  const answer = await fetch(path, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
  return document.createRange().createContextualFragment(await answer.text());
}

async function showNotification(fact) {
  if (!isNew(fact.id)) return;
  try {
    const list = document.getElementById("notifications");
    if (list) {
      await (await import("kith/notifications")).showInList(list, fact);
    } else if (!document.hidden) {
      const line = await fragment(`/notifications/${fact.id}/line`);
      const item = toast(line.textContent.trim());
      item.dataset.notification = fact.id;
      item.querySelector("p").replaceChildren(line);
      item.querySelector(".icon").replaceWith(icon("bell"));
    }
  } catch { /* It was withdrawn again, or the connection is gone: the number says enough. */ }
}

function hear(fact) {
  switch (fact.type) {
    case "post.counted": return showCounts(fact);
    case "post.changed": return drawAgain(fact.id);
    case "post.state": return [...cards(fact.id)].some((card) => (card.dataset.state ?? "published") !== fact.state) && drawAgain(fact.id);
    case "post.hidden": followed.delete(`post.${fact.id}`); return takeAway(fact.id);
    case "refused":
      for (const stream of fact.streams) {
        followed.delete(stream);
        if (stream.startsWith("post.")) takeAway(stream.slice(5));
      }
      return undefined;
    case "notification.created": showUnread(fact.unread); return showNotification(fact);
    case "notification.counted":
      if (fact.as_of) noteId(fact.as_of);
      if (typeof fact.messages === "number") showUnreadMessages(fact.messages);
      return showUnread(fact.unread);
    case "message.created":
    case "message.deleted":
    case "message.counted":
    case "conversation.read":
      showUnreadMessages(fact.unread);
      return document.dispatchEvent(new CustomEvent("live:fact", { detail: fact }));
    // What other behaviours of the page listen for.
    default: document.dispatchEvent(new CustomEvent("live:fact", { detail: fact }));
  }
}

function caughtUp({ streams, refused, facts }) {
  for (const stream of streams) {
    followed.add(stream);
    granted.add(stream);
  }
  for (const stream of refused) {
    followed.delete(stream);
    if (granted.has(stream) && stream.startsWith("post.")) takeAway(stream.slice(5));
  }
  // Notifications first: they count from where the page was, before it learns how far it is now.
  for (const fact of [...facts].sort((a, b) => (b.type === "notification.created") - (a.type === "notification.created"))) hear(fact);
  if (member && streams.includes(`member.${member}`)) document.dispatchEvent(new CustomEvent("live:caught-up"));
}

// --- The socket --------------------------------------------------------------------------------------------------------

// Asked for once on this connection, so that what is refused is not asked for with every change of the page.
const askedFor = new Set();

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function follow(streams) {
  const names = [...streams];
  // Oneself first: a message with `after` is answered with what was missed.
  names.sort((a, b) => b.startsWith("member.") - a.startsWith("member."));
  for (let i = 0; i < names.length; i += STREAMS_A_MESSAGE) {
    const message = { type: "follow", streams: names.slice(i, i + STREAMS_A_MESSAGE) };
    if (known.after) message.after = known.after;
    send(message);
  }
}

function rescan() {
  const now = wanted();
  if (pollTimer) return;
  if (!socket) {
    if (now.size) connect();
    return;
  }
  if (!answered) return;
  const gone = [...followed].filter((stream) => !now.has(stream));
  const added = [...now].filter((stream) => !followed.has(stream) && !askedFor.has(stream));
  for (let i = 0; i < gone.length; i += STREAMS_A_MESSAGE) send({ type: "unfollow", streams: gone.slice(i, i + STREAMS_A_MESSAGE) });
  for (const stream of gone) {
    followed.delete(stream);
    askedFor.delete(stream);
  }
  for (const stream of added) askedFor.add(stream);
  if (added.length) follow(added);
}

function connect() {
  clearTimeout(reconnectTimer);
  if (stopped || socket || !navigator.onLine) return;
  const streams = wanted();
  if (!streams.size) return;
  followed = new Set();
  answered = false;
  askedFor.clear();
  let ours;
  try {
    ours = socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
  } catch {
    return lost({ code: 1006 });
  }
  ours.addEventListener("open", () => {
    for (const stream of streams) askedFor.add(stream);
    follow(streams);
    pingTimer = setInterval(send, PING, { type: "ping" });
  });
  ours.addEventListener("message", ({ data }) => {
    const fact = JSON.parse(data);
    if (fact.type === "followed") {
      answered = true;
      failures = 0;
      stopPolling();
      say("yes");
      caughtUp(fact);
      rescanSoon();
    } else if (fact.type === "gap") {
      follow(followed);
    } else {
      hear(fact);
    }
  });
  ours.addEventListener("close", (event) => ours === socket && lost(event));
}

function lost({ code }) {
  clearInterval(pingTimer);
  socket = null;
  if (!pollWorks) delete document.documentElement.dataset.live;
  if (code === NOT_UNDERSTOOD || code === NO_LONGER_ALLOWED) {
    stopped = true;
    stopPolling();
    if (code === NO_LONGER_ALLOWED) setConnection(gettext("You’ve been signed out. Reload the page to sign in again."));
    return;
  }
  failures += 1;
  if (failures >= 2) poll();
  if (failures === 3 && !pollWorks) setConnection(gettext("Connection lost. Reconnecting …"));
  const wait = pollTimer && pollWorks ? TRY_SOCKET_AGAIN : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 7));
  clearTimeout(reconnectTimer);
  reconnectTimer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
}

// --- Polling -----------------------------------------------------------------------------------------------------------

let pollWorks = false;

function poll() {
  if (pollTimer || stopped) return;
  pollTimer = setInterval(ask, POLL);
  ask();
}

function stopPolling() {
  clearInterval(pollTimer);
  pollTimer = 0;
  pollWorks = false;
}

async function ask() {
  const streams = [...wanted()];
  if (!streams.length || document.hidden || !navigator.onLine) return;
  const query = new URLSearchParams({ streams: streams.join(","), after: known.after });
  try {
    const answer = await fetch(`/live/since?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const found = await answer.json();
    if (!pollTimer) return;
    pollWorks = true;
    say("polling");
    caughtUp(found);
  } catch {
    pollWorks = false;
    if (navigator.onLine) setConnection(gettext("Connection lost. Reconnecting …"));
  }
}

// How the page hears, for style sheets and whoever looks: <html data-live="yes | polling">.
function say(how) {
  document.documentElement.dataset.live = how;
  setConnection("");
}

// --- The life of the page ----------------------------------------------------------------------------------------------

function rescanSoon() {
  rescanTimer ||= setTimeout(() => { rescanTimer = 0; rescan(); }, 150);
}

function leave() {
  clearTimeout(reconnectTimer);
  clearInterval(pingTimer);
  stopPolling();
  const ours = socket;
  socket = null;
  delete document.documentElement.dataset.live;
  ours?.close(1000);
}

const hasPosts = (nodes) => [...nodes].some((node) => node.nodeType === Node.ELEMENT_NODE && (node.matches("[data-post]") || node.querySelector("[data-post]")));

new MutationObserver((changes) => {
  if (changes.some(({ addedNodes, removedNodes }) => hasPosts(addedNodes) || hasPosts(removedNodes))) rescanSoon();
}).observe(document.body, { childList: true, subtree: true });

// A view that marks as read says the number with HX-Trigger, which is there without a socket, too.
document.addEventListener("unread", ({ detail }) => showUnread(detail.count));
addEventListener("online", () => { failures = 0; connect(); });
// An open socket would keep the page out of the browser's back-forward cache.
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  connect();
  returned();
});
// Back from a post: what was done with it on its own page shows on its card as well.
function returned() {
  const opened = JSON.parse(sessionStorage.getItem("kith-opened") ?? "null"); // track.js
  if (opened) drawAgain(opened.post);
}
document.addEventListener("kith:returned", returned);
document.addEventListener("visibilitychange", () => {
  if (document.hidden || socket || stopped) return;
  if (pollTimer) ask();
  else connect();
});
connect();
