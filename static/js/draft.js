// [data-draft-key]: what was typed survives a reload, and is forgotten once it is sent.
const member = document.body.dataset.member ?? "";
const name = (field) => `draft:${member}:${field.dataset.draftKey}`;
const sending = new Map();

function keep(field) {
  if (field.value.trim()) localStorage.setItem(name(field), field.value);
  else localStorage.removeItem(name(field));
}

function restore() {
  for (const field of document.querySelectorAll("[data-draft-key]")) {
    const kept = localStorage.getItem(name(field));
    if (!kept || field.value) continue;
    field.value = kept;
    field.dispatchEvent(new Event("kith:restored", { bubbles: true }));
    const note = field.form?.querySelector("[data-draft-note]");
    if (note) note.textContent = "Draft restored";
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

// A plain submit leaves the page: the text waits aside, and comes back if the server sends the form again with an error.
document.addEventListener("submit", (event) => {
  clearTimeout(timer);
  for (const field of event.target.querySelectorAll("[data-draft-key]")) sending.set(field, field.value);
  if (event.target.matches("[hx-post]")) return;
  for (const field of sending.keys()) localStorage.removeItem(name(field));
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const sent = ctx.response?.status >= 200 && ctx.response.status < 300;
  for (const [field, text] of sending) {
    if (!ctx.sourceElement.contains(field) && ctx.sourceElement !== field.form) continue;
    sending.delete(field);
    if (sent) {
      if (localStorage.getItem(name(field)) === text || field.value === text || !field.value) localStorage.removeItem(name(field));
    } else keep(field);
  }
});
document.addEventListener("htmx:after:process", restore);
restore();
