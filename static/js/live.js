// Live messages: what happens elsewhere appears on the page. core/consumers describes the protocol.
// One socket a page; where sockets are blocked, the page polls for the same. A live message may be lost: after every
// connection the page subscribes again with the newest notification it knows, and gets what it missed.
import { showUnread, showUnreadMessages } from "kith/badges";
import { gettext } from "kith/gettext";
import { setConnection } from "kith/offline";
import { cardsOf, refreshCards, removePost, showCounts } from "kith/posts";
import { isMemberStream, isNew, known, member, memberStream, noteId, postOf, postStream, wantedStreams } from "kith/streams";

const PING = 25_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const POLL = 20_000;
const TRY_SOCKET_AGAIN = 120_000;
const STREAMS_A_MESSAGE = 100;
const NOT_UNDERSTOOD = 4400;
const NO_LONGER_ALLOWED = 4401;

let socket = null;
let answered = false;
let failures = 0;
let stopped = false;
let reconnectTimer = 0;
let pingTimer = 0;
let pollTimer = 0;
let rescanTimer = 0;
let subscribed = new Set();
// What this page could see once. If it is refused later, it has been hidden; what it never could may be shown
// for another reason.
const granted = new Set();

// --- Live messages

function handle(message) {
  switch (message.type) {
    case "post.counted": return showCounts(message);
    case "poll.counted": case "poll.ended": return void import("kith/polls").then((m) => m.refreshPolls(message.id)).catch(() => {});
    case "post.changed": return refreshCards(message.id);
    case "post.state": return [...cardsOf(message.id)].some((card) => (card.dataset.state ?? "published") !== message.state) && refreshCards(message.id);
    case "post.hidden": subscribed.delete(postStream(message.id)); return removePost(message.id);
    case "refused":
      for (const stream of message.streams) {
        subscribed.delete(stream);
        if (postOf(stream)) removePost(postOf(stream));
      }
      return undefined;
    case "notification.created":
      showUnread(message.unread);
      if (isNew(message.id)) import("kith/notifications").then(({ show }) => show(message)).catch(() => {}); // The badge is enough.
      return undefined;
    case "notification.counted":
      if (message.as_of) noteId(message.as_of);
      if (typeof message.messages === "number") showUnreadMessages(message.messages);
      return showUnread(message.unread);
    case "message.created":
    case "message.deleted":
    case "message.counted":
    case "conversation.read":
      showUnreadMessages(message.unread);
      return document.dispatchEvent(new CustomEvent("live:message", { detail: message }));
    // For other modules of the page.
    default: document.dispatchEvent(new CustomEvent("live:message", { detail: message }));
  }
}

function catchUp({ streams, refused, facts }) {
  for (const stream of streams) {
    subscribed.add(stream);
    granted.add(stream);
  }
  for (const stream of refused) {
    subscribed.delete(stream);
    if (granted.has(stream) && postOf(stream)) removePost(postOf(stream));
  }
  // Notifications first: they are compared with the newest known one, before `as_of` replaces it.
  for (const message of [...facts].sort((a, b) => (b.type === "notification.created") - (a.type === "notification.created"))) handle(message);
  if (member && streams.includes(memberStream(member))) document.dispatchEvent(new CustomEvent("live:caught-up"));
}

// --- The socket

// Requested on this connection, so that a refused stream isn’t requested again with every change of the page.
const requested = new Set();

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function subscribe(streams) {
  const names = [...streams];
  // The member’s own stream first: its reply has what was missed.
  names.sort((a, b) => isMemberStream(b) - isMemberStream(a));
  for (let i = 0; i < names.length; i += STREAMS_A_MESSAGE) {
    const message = { type: "subscribe", streams: names.slice(i, i + STREAMS_A_MESSAGE) };
    if (known.after) message.after = known.after;
    send(message);
  }
}

function rescan() {
  const now = wantedStreams();
  if (pollTimer) return;
  if (!socket) {
    if (now.size) connect();
    return;
  }
  if (!answered) return;
  const gone = [...subscribed].filter((stream) => !now.has(stream));
  const added = [...now].filter((stream) => !subscribed.has(stream) && !requested.has(stream));
  for (let i = 0; i < gone.length; i += STREAMS_A_MESSAGE) send({ type: "unsubscribe", streams: gone.slice(i, i + STREAMS_A_MESSAGE) });
  for (const stream of gone) {
    subscribed.delete(stream);
    requested.delete(stream);
  }
  for (const stream of added) requested.add(stream);
  if (added.length) subscribe(added);
}

function connect() {
  clearTimeout(reconnectTimer);
  if (stopped || socket || !navigator.onLine) return;
  const streams = wantedStreams();
  if (!streams.size) return;
  subscribed = new Set();
  answered = false;
  requested.clear();
  let ours;
  try {
    ours = socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
  } catch {
    return lost({ code: 1006 });
  }
  ours.addEventListener("open", () => {
    for (const stream of streams) requested.add(stream);
    subscribe(streams);
    pingTimer = setInterval(send, PING, { type: "ping" });
  });
  ours.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "subscribed") {
      answered = true;
      failures = 0;
      stopPolling();
      setLive("yes");
      catchUp(message);
      rescanSoon();
    } else if (message.type === "gap") {
      subscribe(subscribed);
    } else {
      handle(message);
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

// --- Polling

let pollWorks = false;

function poll() {
  if (pollTimer || stopped) return;
  pollTimer = setInterval(fetchSince, POLL);
  fetchSince();
}

function stopPolling() {
  clearInterval(pollTimer);
  pollTimer = 0;
  pollWorks = false;
}

async function fetchSince() {
  const streams = [...wantedStreams()];
  if (!streams.length || document.hidden || !navigator.onLine) return;
  const query = new URLSearchParams({ streams: streams.join(","), after: known.after });
  try {
    const response = await fetch(`/live/since?${query}`, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    const found = await response.json();
    if (!pollTimer) return;
    pollWorks = true;
    setLive("polling");
    catchUp(found);
  } catch {
    pollWorks = false;
    if (navigator.onLine) setConnection(gettext("Connection lost. Reconnecting …"));
  }
}

// How the page gets live messages, for style sheets and tests: <html data-live="yes | polling">.
function setLive(how) {
  document.documentElement.dataset.live = how;
  setConnection("");
}

// --- The page

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

addEventListener("online", () => { failures = 0; connect(); });
// An open socket would keep the page out of the browser’s back-forward cache.
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  connect();
  returned();
});
// Back from a post: update its card with what was done there.
function returned() {
  const opened = JSON.parse(sessionStorage.getItem("kith-opened") ?? "null"); // track.js
  if (opened) refreshCards(opened.post);
}
document.addEventListener("kith:returned", returned);
document.addEventListener("visibilitychange", () => {
  if (document.hidden || socket || stopped) return;
  if (pollTimer) fetchSince();
  else connect();
});
connect();
