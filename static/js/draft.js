// [data-draft-key]: what was typed survives a reload, and is forgotten once it is sent.
import { gettext } from "kith/words";

const member = document.body.dataset.member ?? "";
const name = (field) => `draft:${member}:${field.dataset.draftKey}`;
const sending = new Map();

function keep(field) {
  if (field.value.trim()) localStorage.setItem(name(field), field.value);
  else localStorage.removeItem(name(field));
}

// The answer to a sent form brings an empty one in its place before the request is finished.
const beingSent = (field) => [...sending.keys()].some((sent) => name(sent) === name(field));

function restore() {
  for (const field of document.querySelectorAll("[data-draft-key]")) {
    const kept = localStorage.getItem(name(field));
    if (!kept || field.value || beingSent(field)) continue;
    field.value = kept;
    field.dispatchEvent(new Event("kith:restored", { bubbles: true }));
    const note = field.form?.querySelector("[data-draft-note]");
    if (note) note.textContent = gettext("Draft restored");
  }
}

let timer;
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-draft-key]")) return;
  const note = field.form?.querySelector("[data-draft-note]");
  if (note) note.textContent = "";
  clearTimeout(timer);
  timer = setTimeout(keep, 300, field);
});

// A plain submit leaves the page; a text that is refused comes back in the page that says so.
document.addEventListener("submit", ({ target: form }) => {
  clearTimeout(timer);
  if (form.matches("[hx-post]")) return;
  for (const field of form.querySelectorAll("[data-draft-key]")) localStorage.removeItem(name(field));
});
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!ctx.sourceElement.matches("form")) return;
  ctx.kithDrafts = [...ctx.sourceElement.querySelectorAll("[data-draft-key]")];
  for (const field of ctx.kithDrafts) {
    sending.set(field, field.value);
    // Also what was typed in the last moment, so that the draft is known again as what was sent.
    keep(field);
  }
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const sent = ctx.response?.status >= 200 && ctx.response.status < 300;
  for (const field of ctx.kithDrafts ?? []) {
    const text = sending.get(field);
    sending.delete(field);
    if (!sent) keep(field);
    else if ([null, text].includes(localStorage.getItem(name(field))) || !field.value) localStorage.removeItem(name(field));
  }
});
document.addEventListener("htmx:after:process", restore);
restore();
