// Emoji: the data, fetched when it is first needed, and the picker, opened beside a button of the composer.
// The names are in the language of the page; short codes are the same in every language.
import { gettext, language } from "kith/gettext";
import { icon } from "kith/toast";

const RECENT = "emoji-recent";
const TONE = "emoji-tone";
const MOST_RECENT = 24;
const COLUMNS = 8;
const TONES = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];

let data;
export function emojiData() {
  data ??= fetch(import.meta.resolve(`kith/emoji-${language.startsWith("de") ? "de" : "en"}.json`))
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(response.statusText))))
    .then(({ groups, emoji }) => ({
      groups,
      all: emoji.map(([text, name, words, codes, group, toned]) => ({
        text, name, codes: codes.split(" "), group, toned, hay: ` ${name} ${words} ${codes.replaceAll("_", " ")}`.toLowerCase(),
      })),
    }));
  data.catch(() => { data = undefined; });
  return data;
}

const stored = (key) => { try { return localStorage.getItem(key) ?? ""; } catch { return ""; } };
const store = (key, text) => { try { localStorage.setItem(key, text); } catch { /* Storage is off. */ } };

// Every word must begin one of the emoji’s words; a match in its short codes or name comes first.
export async function findEmoji(query, most = 60) {
  const words = query.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
  const { all } = await emojiData();
  if (!words.length) return [];
  const rank = ({ codes, name }) => (codes.some((code) => code === query) ? 0 : codes.some((code) => code.startsWith(query)) ? 1 : name.toLowerCase().startsWith(query) ? 2 : 3);
  return all.filter(({ hay }) => words.every((word) => hay.includes(` ${word}`))).map((each, at) => ({ each, at, rank: rank(each) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at).slice(0, most).map(({ each }) => each);
}

export const withTone = ({ text, toned }) => {
  const tone = TONES[Number(stored(TONE))] ?? "";
  if (!toned || !tone) return text;
  const [first, ...rest] = text;
  return first + tone + rest.join("").replace(/^\uFE0F/, "");
};

export function noteUse(text) {
  const recent = stored(RECENT).split(" ").filter((each) => each && each !== text);
  store(RECENT, [text, ...recent].slice(0, MOST_RECENT).join(" "));
}

// --- The picker ------------------------------------------------------------------------------------------------------------

let picker = null;
let pick = null; // what to do with the chosen emoji
let opener = null;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function cell(text, name, code = "") {
  return element("button", { class: "emoji", type: "button", tabindex: "-1", "aria-label": name, title: code ? `${name} :${code}:` : name, "data-emoji": text }, text);
}

const cells = () => [...picker.querySelectorAll(".emoji")];

function section(title, items) {
  const grid = element("div", { class: "emoji-grid" }, ...items);
  return element("section", { "aria-label": title }, element("p", { class: "menu-label", "aria-hidden": "true" }, title), grid);
}

async function draw(query = "") {
  const list = picker.querySelector(".emoji-list");
  const { groups, all } = await emojiData();
  const parts = [];
  if (query) {
    const found = await findEmoji(query);
    parts.push(found.length ? section(gettext("Search results"), found.map((each) => cell(withTone(each), each.name, each.codes[0])))
      : element("p", { class: "emoji-none", role: "status" }, gettext("No emoji match your search.")));
  } else {
    const named = new Map(all.map((each) => [each.text, each.name]));
    const recent = stored(RECENT).split(" ").filter(Boolean);
    if (recent.length) parts.push(section(gettext("Recently used"), recent.map((text) => cell(text, named.get(text) ?? text))));
    groups.forEach((title, group) => {
      const items = all.filter((each) => each.group === group);
      if (items.length) parts.push(section(title, items.map((each) => cell(withTone(each), each.name, each.codes[0]))));
    });
  }
  list.replaceChildren(...parts);
  list.scrollTop = 0;
  const [first] = cells();
  if (first) first.tabIndex = 0;
}

function build() {
  const search = element("input", { class: "input", type: "search", "aria-label": gettext("Search emoji"), placeholder: gettext("Search emoji"), autocomplete: "off" });
  const tone = element("button", { class: "btn-icon emoji-tone", type: "button", "aria-label": gettext("Skin tone"), title: gettext("Skin tone") });
  const close = element("button", { class: "btn-icon", type: "button", "aria-label": gettext("Close") }, icon("x"));
  const list = element("div", { class: "emoji-list" });
  picker = element("div", { class: "emoji-picker", popover: "manual", role: "dialog", "aria-label": gettext("Emoji") }, element("div", { class: "emoji-head" }, search, tone, close), list);
  const showTone = () => { tone.textContent = `\u270B${TONES[Number(stored(TONE))] ?? ""}`; };
  showTone();
  search.addEventListener("input", () => draw(search.value.trim()));
  close.addEventListener("click", () => closePicker());
  tone.addEventListener("click", () => {
    store(TONE, String((Number(stored(TONE)) + 1) % TONES.length));
    showTone();
    draw(search.value.trim());
  });
  list.addEventListener("click", ({ target }) => {
    const text = target.closest("[data-emoji]")?.dataset.emoji;
    if (text) choose(text);
  });
  picker.addEventListener("keydown", walk);
  picker.addEventListener("submit", (event) => event.preventDefault());
}

function choose(text) {
  noteUse(text);
  pick?.(text);
}

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };
function walk(event) {
  const all = cells();
  const here = all.indexOf(document.activeElement);
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    closePicker();
  } else if (event.key === "Enter" && here < 0 && document.activeElement.matches("input")) {
    event.preventDefault();
    if (all[0]) choose(all[0].dataset.emoji);
  } else if (event.key in STEPS && (here >= 0 || event.key === "ArrowDown")) {
    event.preventDefault();
    const next = here < 0 ? 0 : here + STEPS[event.key];
    if (next < 0 && event.key === "ArrowUp") return picker.querySelector("input").focus();
    const target = all[Math.max(0, Math.min(next, all.length - 1))];
    for (const each of all) each.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  }
}

export function closePicker(focus = true) {
  if (!picker?.isConnected) return;
  picker.remove();
  opener?.setAttribute("aria-expanded", "false");
  if (focus && opener?.isConnected) opener.focus();
  opener = null;
}

function place(button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = picker;
  const above = box.top - height - 8;
  picker.style.left = `${Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8))}px`;
  picker.style.top = `${Math.max(8, box.bottom + height + 8 < innerHeight || above < 8 ? Math.min(box.bottom + 8, innerHeight - height - 8) : above)}px`;
}

// Opens the picker beside `button`, or closes it. `act(text)` gets each chosen emoji.
export async function togglePicker(button, act) {
  if (picker?.isConnected && opener === button) return closePicker();
  closePicker(false);
  if (!picker) build();
  await emojiData();
  [pick, opener] = [act, button];
  // In the dialog of its form, because everything outside is inert.
  (button.closest("dialog") ?? document.body).append(picker);
  picker.showPopover();
  button.setAttribute("aria-expanded", "true");
  const search = picker.querySelector("input");
  search.value = "";
  await draw();
  place(button);
  search.focus({ preventScroll: true });
}

document.addEventListener("pointerdown", ({ target }) => {
  if (picker?.isConnected && !picker.contains(target) && !opener?.contains(target)) closePicker(false);
});
