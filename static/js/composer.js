// The composer beyond its text, loaded when it is first used (lazy.js): the options below the text are fetched into a
// composer that a page shows without them, and what is chosen there is kept in this browser with the draft.
import { fragment } from "kith/fragment";
import { gettext } from "kith/gettext";
import { wasTaken } from "kith/sending";

const member = document.body.dataset.member ?? "";
const KEEP_FOR = 30 * 24 * 3600 * 1000;

const styles = new Promise((done) => {
  const href = import.meta.resolve("kith/composer.css");
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return done();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done });
  document.head.append(link);
});

const textOf = (form) => form.querySelector("textarea[data-draft-key]");

// --- The options ---------------------------------------------------------------------------------------------------------

const loading = new WeakMap();
const ready = new WeakSet();

export function optionsOf(form) {
  if (form.querySelector("[data-parts]") || !form.dataset.composer) {
    setUp(form);
    return Promise.resolve();
  }
  if (!loading.has(form)) {
    const arrives = Promise.all([fragment(`${form.dataset.composer}?options`), styles]).then(([part]) => {
      form.querySelector(".composer-tools").before(part);
      setUp(form);
    });
    loading.set(form, arrives);
    arrives.catch(() => loading.delete(form));
  }
  return loading.get(form);
}

import("kith/complete").catch(() => {});

function setUp(form) {
  if (ready.has(form) || !form.querySelector("[data-parts]")) return;
  ready.add(form);
  recallChoices(form);
  restoreChoices(form);
  showParts(form);
  if (form.querySelector('[data-part="poll"][open]')) PARTS.poll(form);
  const media = form.querySelector('[data-part="media"]');
  media.querySelector("[data-plain]")?.remove(); // its fields would be sent, empty
  textOf(form).required = true;
  if (media.open) PARTS.media(form);
  import("kith/schedule").then(({ setUp: localize }) => localize(form.querySelector("[data-schedule]"))).catch(() => {});
  threadOf(form).catch(() => {});
}

// What a screen reader says about a move.
export function say(form, text) {
  let place = form.querySelector("[data-says]");
  if (!place) {
    place = Object.assign(document.createElement("p"), { className: "visually-hidden" });
    place.setAttribute("role", "status");
    place.dataset.says = "";
    form.append(place);
  }
  place.textContent = text;
}

const threads = new WeakMap(); // of promises
const written = new WeakMap();
function threadOf(form) {
  if (!threads.has(form)) threads.set(form, import("kith/thread-editor").then(({ setUpThread }) => setUpThread(form, () => saveChoices(form))));
  threads.get(form).then((editor) => written.set(form, editor), () => threads.delete(form));
  return threads.get(form);
}

const edited = new WeakSet();
const uploads = new WeakMap();
const PARTS = {
  async media(form) {
    await optionsOf(form);
    if (!uploads.has(form)) {
      const { uploadsOf } = await import("kith/uploads");
      uploads.set(form, uploadsOf(form, () => saveChoices(form), (text) => say(form, text)));
    }
    return uploads.get(form);
  },
  async poll(form) {
    const part = form.querySelector('[data-part="poll"]');
    if (edited.has(part)) return;
    edited.add(part);
    const { setUpPoll } = await import("kith/poll-editor");
    setUpPoll(part, () => saveChoices(form), (text) => say(form, text));
  },
};

// A tool’s button says whether its part is open.
function showParts(form) {
  for (const part of form.querySelectorAll("[data-part]")) {
    form.querySelector(`[data-tool="${part.dataset.part}"]`)?.setAttribute("aria-expanded", part.open);
  }
}

const TOOLS = {
  async media(button, form) {
    (await PARTS.media(form)).choose();
  },
  async emoji(button, form) {
    const area = textOf(form);
    const { togglePicker } = await import("kith/emoji");
    await togglePicker(button, (text) => {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
  },
};

export async function useTool(button) {
  const { form } = button;
  await optionsOf(form);
  if (TOOLS[button.dataset.tool]) return TOOLS[button.dataset.tool](button, form);
  const part = form.querySelector(`[data-part="${button.dataset.tool}"]`);
  if (!part) return;
  if (part.open) return closePart(part);
  await PARTS[button.dataset.tool]?.(form);
  part.open = true;
  showParts(form);
  part.querySelector("input, select").focus();
}

function closePart(part) {
  const form = part.closest("form");
  for (const field of part.querySelectorAll('input:not([type="hidden"]), select')) {
    if (field.type === "checkbox") field.checked = false;
    else if (field.matches("select")) field.value = field.querySelector("option[selected]")?.value ?? field.options[0].value;
    else field.value = "";
  }
  part.open = false;
  part.dispatchEvent(new Event("change", { bubbles: true }));
  showParts(form);
  saveChoices(form);
  textOf(form).focus();
}

document.addEventListener("click", ({ target }) => {
  const remove = target.closest?.("[data-part-remove]");
  if (remove) closePart(remove.closest("[data-part]"));
});

document.addEventListener("focusin", ({ target }) => {
  const form = target.closest?.("[data-composer]");
  if (form) optionsOf(form).catch(() => {});
});

// Enter in a field of the options would press the form’s first button, which adds a post.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches?.("[data-composer] input")) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) event.target.form.requestSubmit(event.target.form.querySelector("[data-counter-submit]"));
});

// --- Files: dropped, pasted, and looked at before the form is sent -------------------------------------------------------

const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");
const takesFiles = (target) => {
  const form = target.closest?.("form[data-composer]");
  return form?.querySelector('[data-tool="media"]') ? form : null;
};
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, async (event) => {
    const form = hasFiles(event) && takesFiles(event.target);
    if (!form) return;
    if (type !== "dragleave") event.preventDefault();
    form.toggleAttribute("data-over", type === "dragenter" || type === "dragover");
    if (type === "drop") {
      const files = [...event.dataTransfer.files];
      (await PARTS.media(form)).add(files);
    }
  });
}
document.addEventListener("paste", async (event) => {
  const form = takesFiles(event.target);
  const files = [...(event.clipboardData?.files ?? [])];
  // A text processor copies a picture of its text, too.
  if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  (await PARTS.media(form)).add(files);
});

// Before sending.js and HTMX.
const confirmed = new WeakSet();
addEventListener("submit", (event) => {
  const form = event.target;
  const files = uploads.get(form);
  if (!files) return;
  const stop = () => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const button = event.submitter ?? form.querySelector('[type="submit"]');
  const undescribed = !event.submitter?.formNoValidate && form.querySelector("[data-alt-reminder]") && !confirmed.has(form) && files.undescribed();
  if (undescribed) {
    stop();
    remind(form, files, undescribed, button);
  } else if (!files.ready(button)) stop();
}, true);

async function remind(form, files, item, button) {
  const { ask } = await import("kith/question");
  const text = gettext("Post without a description? People who can’t see the picture won’t know what it shows.");
  if (!(await ask(text, gettext("Post anyway"), false))) return files.describe(item);
  confirmed.add(form);
  form.requestSubmit(button);
}

// --- What was chosen, kept with the draft --------------------------------------------------------------------------------

const NOT_KEPT = new Set(["csrfmiddlewaretoken", "idempotency_key", "in_reply_to", "text", "media", "media_alt"]);
const nameOf = (form) => `draft:${member}:${textOf(form).dataset.draftKey}:choices`;
const fieldsOf = (form) => [...form.querySelectorAll("[data-parts] [name], [data-choices] [name], [data-schedule] input[name=scheduled_at]")].filter(({ name, type }) => !NOT_KEPT.has(name) && type !== "file");

function saveChoices(form) {
  if (!ready.has(form) || !textOf(form)) return;
  const chosen = fieldsOf(form)
    .filter((field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== firstOf(field)))
    .map((field, at) => [field.name, field.type === "checkbox" ? field.checked : field.value, at]);
  try {
    const media = uploads.get(form)?.ids() ?? [];
    const thread = written.get(form)?.texts().filter((text) => text.trim()) ?? [];
    if (chosen.length || media.length || thread.length) localStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), chosen, media, thread }));
    else localStorage.removeItem(nameOf(form));
  } catch { /* No room. */ }
}

const firstOf = (field) => (field.matches("select") ? field.querySelector("option[selected]")?.value ?? field.options[0]?.value : field.defaultValue);

function restoreChoices(form) {
  // A form that came back with an error has what was sent.
  if (form.querySelector('[aria-invalid="true"]')) return;
  try {
    const kept = JSON.parse(localStorage.getItem(nameOf(form)) ?? "null");
    if (!kept || Date.now() - kept.at > KEEP_FOR) return;
    if (kept.media?.length) PARTS.media(form).then((files) => files.restore(kept.media));
    if (kept.thread?.length) threadOf(form).then((editor) => editor.restore(kept.thread));
    const used = new Map();
    for (const [name, value] of kept.chosen) {
      const fields = fieldsOf(form).filter((field) => field.name === name);
      const field = fields[used.get(name) ?? 0];
      used.set(name, (used.get(name) ?? 0) + 1);
      if (!field || (field.matches("select") && ![...field.options].some((option) => option.value === value))) continue;
      if (field.type === "checkbox") field.checked = value;
      else field.value = value;
      const part = field.closest("details[data-part]");
      if (part) part.open = true;
    }
  } catch { /* Storage is off, or of another version. */ }
}

// A new post begins with who could see the last one, and its language.
const LAST = `composer-last:${member}`;
const remembered = (form) => ["visibility", "language"].map((name) => form.elements[name]).filter(Boolean);

function rememberChoices(form) {
  if (form.elements.in_reply_to || !ready.has(form)) return;
  try { localStorage.setItem(LAST, JSON.stringify(Object.fromEntries(remembered(form).map(({ name, value }) => [name, value])))); } catch { /* No room. */ }
}

function recallChoices(form) {
  if (form.elements.in_reply_to || form.querySelector('[aria-invalid="true"]') || form.dataset.kept !== undefined) return;
  try {
    const last = JSON.parse(localStorage.getItem(LAST) ?? "{}");
    for (const field of remembered(form)) {
      const option = [...field.options].find(({ value }) => value === last[field.name]);
      if (!option) continue;
      // The default from now on, not a change to keep.
      for (const each of field.options) each.toggleAttribute("selected", each === option);
      field.value = option.value;
    }
  } catch { /* Storage is off. */ }
}

const forget = (form) => { try { localStorage.removeItem(nameOf(form)); } catch { /* Storage is off. */ } };

for (const type of ["input", "change"]) {
  document.addEventListener(type, ({ target }) => {
    const form = target.form?.matches("[data-composer]") && target.form;
    if (form && target.name !== "text") saveChoices(form);
  });
}
document.addEventListener("click", ({ target }) => {
  const form = target.closest?.("[data-draft-forget]")?.closest("[data-composer]");
  if (form) forget(form);
});
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches("[data-composer]")) ctx.kithComposer = ctx.sourceElement; // the response may replace it
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.kithComposer;
  if (!form || !wasTaken(ctx)) return;
  rememberChoices(form);
  forget(form);
  for (const twin of twinsOf(form)) put(twin, "");
  const dialog = document.getElementById("compose-dialog");
  if (form.id !== "compose-in-dialog" || !dialog) return;
  form.dataset.sent = "";
  dialog.close();
  dialog.remove(); // at once: a dialog that isn’t open would be opened again (dialog.js)
});

// --- The dialog has the draft of the composer on the page ------------------------------------------------------------------

const twinsOf = (form) => [...document.querySelectorAll(`[data-draft-key="${CSS.escape(textOf(form).dataset.draftKey)}"]`)].filter((field) => field.form !== form);

function put(field, text) {
  if (field.value === text) return;
  field.value = text;
  field.dispatchEvent(new Event("kith:restored", { bubbles: true }));
}

document.addEventListener("close", ({ target }) => {
  const form = target.matches?.("#compose-dialog") && target.querySelector("form:not([data-sent])");
  if (form) for (const twin of twinsOf(form)) put(twin, textOf(form).value);
}, true);

function look() {
  for (const form of document.querySelectorAll("form[data-composer]")) {
    let kept = null;
    try { kept = localStorage.getItem(nameOf(form)); } catch { /* Storage is off. */ }
    if (kept || form.contains(document.activeElement) || form.querySelector("[data-parts]")) optionsOf(form).catch(() => {});
  }
}
document.addEventListener("htmx:after:process", look);
look();
