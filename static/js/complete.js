// Completes @names, #hashtags and :emoji: in the composer’s text: a list of options below the caret, by keyboard, pointer and
// touch. As in the combobox pattern of the ARIA Authoring Practices, but a <textarea> must not have that role.
import { fragment } from "kith/fragment";
import { gettext } from "kith/gettext";
import { isComposed } from "kith/sending";

const WAIT = 150;
const WORD = /(?:^|[\s(\u201c"])(@[\w.]{1,30}|[#\uFF03][\p{L}\p{N}\p{M}_]{1,50}|:[\w+-]{2,30})$/u;

let field = null; // whose text is being completed
let word = ""; // what is typed of it, with its sign
let timer = 0;
let asked = 0;

const list = Object.assign(document.createElement("ul"), { id: "completions", className: "completions" });
list.setAttribute("role", "listbox");
list.setAttribute("popover", "manual");
const options = () => [...list.querySelectorAll('[role="option"]')];
const active = () => list.querySelector('[aria-selected="true"]');

function option(id, value, ...children) {
  const made = document.createElement("li");
  made.id = id;
  made.className = "option";
  made.dataset.insert = value;
  made.setAttribute("role", "option");
  made.append(...children);
  return made;
}

async function emojiOptions(query) {
  const { findEmoji, withTone } = await import("kith/emoji");
  return (await findEmoji(query, 8)).map((each, at) => {
    const sign = Object.assign(document.createElement("span"), { className: "option-sign", textContent: withTone(each) });
    return option(`option-${at}`, withTone(each), sign, `:${each.codes.find((code) => code.startsWith(query)) ?? each.codes[0]}:`);
  });
}

async function ask() {
  const number = ++asked;
  const found = word.startsWith(":") ? await emojiOptions(word.slice(1)) : [...(await fragment(`/autocomplete?q=${encodeURIComponent(word)}`)).querySelectorAll('[role="option"]')];
  if (number === asked && field && wordAt(field) === word) show(found);
}

function wordAt(area) {
  if (area.selectionStart !== area.selectionEnd) return "";
  return WORD.exec(area.value.slice(Math.max(0, area.selectionStart - 60), area.selectionStart))?.[1] ?? "";
}

function show(found) {
  if (!found.length) return hide();
  list.replaceChildren(...found);
  list.setAttribute("aria-label", word.startsWith("@") ? gettext("People") : word.startsWith(":") ? gettext("Emoji") : gettext("Hashtags"));
  field.form.append(list);
  list.showPopover();
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", list.id);
  select(options()[0]);
  place();
}

function select(chosen) {
  for (const each of options()) each.setAttribute("aria-selected", each === chosen);
  chosen.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", chosen.id);
}

export function hide() {
  asked += 1;
  clearTimeout(timer);
  if (list.isConnected) list.remove();
  for (const name of ["aria-autocomplete", "aria-haspopup", "aria-controls", "aria-activedescendant"]) field?.removeAttribute(name);
}

function take(chosen) {
  const area = field;
  const end = area.selectionStart;
  const text = chosen.dataset.insert;
  area.setRangeText(`${text}${/^\s/.test(area.value.slice(end)) ? "" : " "}`, end - word.length, end, "end");
  if (word.startsWith(":")) import("kith/emoji").then(({ noteUse }) => noteUse(text));
  hide();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

// Where the caret is: a copy of the text up to it, laid out like the field.
function caret(area) {
  const style = getComputedStyle(area);
  const mirror = document.createElement("div");
  for (const name of ["font", "letterSpacing", "lineHeight", "padding", "borderWidth", "boxSizing", "textIndent", "direction", "tabSize"]) mirror.style[name] = style[name];
  Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${area.offsetWidth}px`, top: "0", left: "0" });
  mirror.textContent = area.value.slice(0, area.selectionStart - word.length);
  const mark = document.createElement("span");
  mark.textContent = "\u200b";
  mirror.append(mark);
  document.body.append(mirror);
  const box = area.getBoundingClientRect();
  const at = { left: box.left + mark.offsetLeft, top: box.top + mark.offsetTop - area.scrollTop, height: mark.offsetHeight };
  mirror.remove();
  return at;
}

function place() {
  const at = caret(field);
  const below = at.top + at.height + 6;
  const above = at.top - list.offsetHeight - 6;
  const floor = visualViewport ? visualViewport.offsetTop + visualViewport.height : innerHeight;
  list.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - list.offsetWidth - 8))}px`;
  list.style.top = `${below + list.offsetHeight > floor && above > 8 ? above : below}px`;
}

const isText = (target) => target.matches?.("[data-composer] textarea");

function begin({ target, isComposing }) {
  if (!isText(target) || isComposing) return;
  if (field !== target) hide();
  field = target;
  word = wordAt(field);
  clearTimeout(timer);
  if (!word) return hide();
  timer = setTimeout(() => ask().catch(hide), WAIT);
}
document.addEventListener("input", begin);
begin({ target: document.activeElement }); // what was typed while this was loaded

// Before the key that sends the form (sending.js) and Escape that closes it.
document.addEventListener("keydown", (event) => {
  if (!list.isConnected || event.target !== field || isComposed(event)) return;
  const all = options();
  const here = all.indexOf(active());
  if (event.key === "ArrowDown" || event.key === "ArrowUp") select(all.at((here + (event.key === "ArrowDown" ? 1 : -1)) % all.length));
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "Tab" && !event.shiftKey)) take(active());
  else if (event.key === "Escape") hide();
  else {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight" || event.key === "Home" || event.key === "End") hide();
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// The press would take the focus from the text, and close a phone’s keyboard.
list.addEventListener("pointerdown", (event) => event.preventDefault());
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", ({ target }) => {
  const chosen = target.closest('[role="option"]');
  if (chosen) take(chosen);
});
document.addEventListener("focusout", ({ target }) => { if (target === field) hide(); });
for (const type of ["scroll", "resize"]) addEventListener(type, ({ target }) => list.isConnected && !list.contains(target) && hide(), true);
