// Sends every form once, and saves what is typed meanwhile.
// While a form or button is being sent it isn't sent again, by a second click, Enter twice or a shortcut, and its button
// is busy. What was typed since it was sent stays, even if the response has a new form.
// <textarea data-send-by="enter">: Enter sends, Shift+Enter and a phone's Enter begin a new line. In every form with
// data-send-keys, Ctrl or Cmd+Enter sends. Enter that ends a composition (an IME) does neither.
// <form data-clears>: is cleared after it was sent, and stays.
const STUCK = 15_000; // then the page isn’t being left: a download, or Stop was pressed

// Another text in the same form gets a new key, and so does the same text after it was sent (core.idempotency).
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const wasTaken = (ctx) => ctx.response?.status >= 200 && ctx.response.status < 300;

// --- One at a time -----------------------------------------------------------------------------------------------------

const again = new Set(); // ids, because the response replaces the button
const isBusy = (element) => element.dataset.sending !== undefined;

function begin(element, button) {
  element.dataset.sending = "";
  if (element.matches("form")) (button ?? element.querySelector('[type="submit"]'))?.setAttribute("aria-busy", "true");
}

function end(element) {
  delete element.dataset.sending;
  for (const button of element.elements ?? []) if (button.type === "submit") button.removeAttribute("aria-busy");
}

addEventListener("submit", (event) => {
  if (!isBusy(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// A plain form leaves the page.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  begin(form, event.submitter);
  setTimeout(end, STUCK, form);
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) document.querySelectorAll("[data-sending]").forEach(end);
});

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const source = ctx.sourceElement;
  if (ctx.request.method === "GET") return;
  if (!isBusy(source)) {
    ctx.kithTexts = textsOf(source);
    return;
  }
  event.preventDefault();
  // A second press on a toggle undoes it: press it again after the response.
  if (source.matches("[aria-pressed]")) again.delete(source.id) || again.add(source.id);
});
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") begin(ctx.sourceElement, ctx.request.submitter);
});

// --- What is typed meanwhile -------------------------------------------------------------------------------------------

const TEXTS = 'textarea[name], input[name]:is([type="text"], [type="url"], [type="search"], :not([type]))';

function textsOf(source) {
  const fields = source.matches("form") ? source.querySelectorAll(TEXTS) : [];
  // Sending clears a new text, but not one that is being edited.
  const isUsedUp = (field) => source.matches("[data-composer], [data-clears]") && field.dataset.draftBase === undefined;
  return [...fields].map((field) => ({ field, sent: field.value, usedUp: isUsedUp(field) }));
}

// The rest of a field’s text `now`, after the server has saved what was sent.
function rest({ sent, usedUp }, now) {
  if (now === sent) return "";
  return usedUp && now.startsWith(sent) ? now.slice(sent.length).trimStart() : now;
}

function put(field, text) {
  const back = field.value.length - field.selectionEnd;
  field.value = text;
  if (field === document.activeElement) field.setSelectionRange(Math.max(0, text.length - back), Math.max(0, text.length - back));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  for (const text of ctx.kithTexts ?? []) {
    if (text.field.value !== text.sent) text.since = text.field.value;
  }
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const text of ctx.kithTexts ?? []) {
    if (text.since === undefined || text.field.isConnected) continue;
    const fresh = text.field.id && document.getElementById(text.field.id);
    // A refused form comes back with what was sent.
    if (fresh) put(fresh, wasTaken(ctx) ? rest(text, text.since) : text.since);
  }
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  // The page is being left: don’t send twice.
  if (ctx.hx?.redirect || ctx.hx?.refresh) setTimeout(end, STUCK, form);
  else end(form);
  if (again.delete(form.id)) document.getElementById(form.id)?.click();
  for (const text of ctx.kithTexts ?? []) text.left = wasTaken(ctx) ? rest(text, text.since ?? text.field.value) : text.field.value;
  if (!wasTaken(ctx) || !form.isConnected) return;
  const key = form.elements?.idempotency_key;
  if (key) key.value = newKey();
  if (!form.matches("[data-clears]")) return;
  for (const text of ctx.kithTexts) whenComposed(text.field, () => put(text.field, rest(text, text.field.value)));
});

// --- Enter and input methods (IME) -------------------------------------------------------------------------------------

const composing = new WeakSet();
document.addEventListener("compositionstart", ({ target }) => composing.add(target), true);
document.addEventListener("compositionend", ({ target }) => composing.delete(target), true);

function whenComposed(field, act) {
  if (composing.has(field)) field.addEventListener("compositionend", () => setTimeout(act), { once: true });
  else act();
}

// Safari reports 229 for the Enter that ended a composition.
export const isComposed = (event) => event.isComposing || event.keyCode === 229;

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.defaultPrevented || isComposed(event) || !field.matches?.("textarea") || !field.form) return;
  const held = event.ctrlKey || event.metaKey;
  const plain = !held && !event.shiftKey && !event.altKey && field.matches('[data-send-by="enter"]') && !matchMedia("(pointer: coarse)").matches;
  if (!plain && !(held && field.form.matches("[data-send-keys]"))) return;
  event.preventDefault();
  const button = field.form.querySelector("[data-counter-submit]") ?? field.form.querySelector('[type="submit"]');
  if (!event.repeat && field.value.trim() && !button?.disabled) field.form.requestSubmit(button);
});

// A search while typing waits for the end of a composition. (On phones all typing is a composition.)
const searches = (event) => event.target.matches?.("input[hx-get]") && matchMedia("(pointer: fine)").matches;
addEventListener("input", (event) => {
  if (event.isComposing && searches(event)) event.stopImmediatePropagation();
}, true);
addEventListener("compositionend", (event) => {
  if (searches(event)) setTimeout(() => event.target.dispatchEvent(new Event("input", { bubbles: true })));
}, true);
