// The names of streams, built and parsed here as in core/streams.py; which of them this page needs; what this tab knows.
const MOST_STREAMS = 180;

export const member = document.body.dataset.memberId ?? "";

export const postStream = (id) => `post.${id}`;
export const memberStream = (id) => `member.${id}`;
export const isMemberStream = (stream) => stream.startsWith("member.");
// The id of the post whose stream this is, or undefined.
export const postOf = (stream) => stream.match(/^post\.(.+)/)?.[1];

export function wantedStreams() {
  let posts = [...document.querySelectorAll("[data-post]")];
  if (posts.length > MOST_STREAMS) {
    const distance = (card) => Math.abs(card.getBoundingClientRect().top - innerHeight / 2);
    posts = posts.map((card) => [distance(card), card]).sort((a, b) => a[0] - b[0]).slice(0, MOST_STREAMS).map(([, card]) => card);
  }
  const streams = new Set(posts.map((card) => postStream(card.dataset.post)));
  if (member) streams.add(memberStream(member));
  return streams;
}

// --- What this tab already knows: the newest notification, and which it has shown ---------------------------------------

const storageKey = `kith-live-${member}`;
export const known = { after: "", seen: [] };
try {
  Object.assign(known, JSON.parse(sessionStorage.getItem(storageKey)) ?? {});
} catch { /* Storage is off or invalid: start empty. */ }

// Ids are 64-bit numbers in strings: compared by length, then by characters.
export const newer = (a, b) => a.length > b.length || (a.length === b.length && a > b);

export function noteId(id) {
  if (newer(id, known.after)) known.after = id;
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(known));
  } catch { /* The next page catches up without it. */ }
}

export function isNew(id) {
  if (known.seen.includes(id)) return false;
  known.seen = [...known.seen.slice(-49), id];
  noteId(id);
  return true;
}
