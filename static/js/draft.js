// <textarea data-draft-key="…">: typed text is stored in this browser until the server saves it, also when the page is
// reloaded, the connection is lost, or the member must sign in first. Each member has their own drafts; signing out
// (<form data-signs-out>) deletes them. data-draft-base: the text before it was edited.
// [data-draft-note] shows the state, [data-draft-forget] deletes the draft.
import { wasTaken } from "kith/sending";
import { gettext } from "kith/gettext";

const KEEP_FOR = 30 * 24 * 3600 * 1000;
const LEAVING = "signed-out";

const member = document.body.dataset.member ?? "";
const name = (field) => `draft:${member}:${field.dataset.draftKey}`;
const base = (field) => field.dataset.draftBase ?? "";
const keyOf = (field) => field.form?.elements.idempotency_key;
const touched = new WeakSet(); // fields being edited
const sending = new Set(); // names of drafts that wait for a response

// The text is stored under the draft’s name; its time and the key it was sent with, under another.
const about = (key) => `about-${key}`;

function read(key) {
  const text = localStorage.getItem(key);
  return text === null ? null : { text, ...JSON.parse(localStorage.getItem(about(key)) ?? "{}") };
}

function remove(key) {
  localStorage.removeItem(key);
  localStorage.removeItem(about(key));
}

function write(field, text, more = {}) {
  const key = name(field);
  if (!text.trim() || text === base(field)) return remove(key);
  try {
    localStorage.setItem(key, text);
    localStorage.setItem(about(key), JSON.stringify({ at: Date.now(), ...more }));
  } catch { /* No room: the text is on the page only. */ }
}

function setNote(field, text, state = "") {
  const note = field.form?.querySelector("[data-draft-note]");
  if (!note) return;
  note.textContent = text;
  note.dataset.state = state;
}

function restore() {
  for (const field of document.querySelectorAll("[data-draft-key]")) {
    const draft = read(name(field));
    if (!draft || touched.has(field) || sending.has(name(field)) || field.value === draft.text) continue;
    if (field.value !== base(field)) {
      // Rendered with another text: typing into it doesn’t replace the draft.
      if (field.value === field.defaultValue && !field.matches("[aria-invalid]")) field.dataset.draftKey += "-given";
      continue;
    }
    field.value = draft.text;
    // With the same key, the server recognizes it if it has saved it after all.
    if (draft.key && keyOf(field)) keyOf(field).value = draft.key;
    field.dispatchEvent(new Event("kith:restored", { bubbles: true }));
    if (draft.unsent) setNote(field, gettext("This hasn’t been sent yet. We saved your text."), "unsent");
    else setNote(field, gettext("Draft restored"));
  }
}

let waiting = null;
let timer;
function keepNow() {
  clearTimeout(timer);
  if (waiting) write(waiting, waiting.value);
  waiting = null;
}
document.addEventListener("input", ({ target: field }) => {
  if (!field.matches?.("[data-draft-key]")) return;
  touched.add(field);
  if (waiting && waiting !== field) keepNow();
  if (!sending.has(name(field))) setNote(field, "");
  waiting = field;
  clearTimeout(timer);
  timer = setTimeout(keepNow, 300);
});
for (const type of ["pagehide", "focusout"]) addEventListener(type, keepNow);
document.addEventListener("visibilitychange", () => document.hidden && keepNow());

document.addEventListener("click", ({ target }) => {
  const form = target.closest?.("[data-draft-forget]")?.closest("form");
  for (const field of form?.querySelectorAll("[data-draft-key]") ?? []) {
    if (waiting === field) waiting = null;
    remove(name(field));
  }
});

// --- Sent, and saved or not --------------------------------------------------------------------------------------------

const drafts = (ctx) => (ctx.kithTexts ?? []).filter(({ field }) => field.dataset.draftKey);

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  for (const { field, sent } of drafts(ctx)) {
    keepNow();
    sending.add(name(field));
    write(field, sent, { unsent: true, key: keyOf(field)?.value });
  }
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  for (const { field, sent, left } of drafts(ctx)) {
    const draft = read(name(field));
    sending.delete(name(field));
    if (!wasTaken(ctx)) {
      if (left !== sent) write(field, left, { unsent: true, key: draft?.key });
      if (ctx.response?.status === 422) continue; // the form shows why
      const text = navigator.onLine
        ? gettext("Not sent. Your text is saved.")
        : gettext("You’re offline. Your text is saved. Send it once you’re back online.");
      if (field.isConnected) setNote(field, text, "unsent");
      continue;
    }
    if (field.isConnected) setNote(field, "");
    if (left) write(field, left);
    // Another tab may have its own.
    else if (!draft || draft.text === sent) remove(name(field));
  }
});

// --- Owners ------------------------------------------------------------------------------------------------------------

function forget(test) {
  Object.keys(localStorage).filter((key) => key.startsWith("draft:") && test(key)).forEach(remove);
}

document.addEventListener("submit", ({ target: form }) => {
  if (form.matches("[data-signs-out]")) localStorage.setItem(LEAVING, member);
});
// Back may show a page of a member who has signed out since: reload it.
const LATEST = "member";
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || localStorage.getItem(LATEST) === member) return;
  document.documentElement.hidden = true;
  location.reload();
});
try {
  localStorage.setItem(LATEST, member);
  for (const key of Object.keys(sessionStorage)) if (!member && key.startsWith("kith-")) sessionStorage.removeItem(key);
  const left = localStorage.getItem(LEAVING);
  // Not earlier: the request may have failed.
  if (left && left !== member) forget((key) => key.startsWith(`draft:${left}:`));
  localStorage.removeItem(LEAVING);
  forget((key) => Date.now() - (read(key).at ?? Date.now()) > KEEP_FOR);
  document.addEventListener("htmx:after:process", restore);
  restore();
} catch { /* Storage is off. */ }
