// Keys for those who like them; ? shows the list. Elements name their own with data-shortcut="n" or "g h".
import { openDialog } from "kith/dialog";

const busy = (element) => element.closest?.("input, textarea, select, [contenteditable], dialog[open]");
const posts = () => [...document.querySelectorAll(".stream .post")];
let began = 0;

function walk(step) {
  const all = posts();
  const here = document.activeElement.closest?.(".post");
  let next = here ? all.indexOf(here) + step : all.findIndex((post) => post.getBoundingClientRect().top > 60);
  next = all[Math.max(0, Math.min(next, all.length - 1))];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  const room = next.getBoundingClientRect().top - 76;
  if (room < 0) scrollBy(0, room);
}

const press = (selector) => document.activeElement.closest?.(".post")?.querySelector(selector)?.click();

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  l: () => press('[data-action="like"]'),
  b: () => press('[data-action="bookmark"]'),
  r: () => press('[data-action="reply"]'),
  ".": () => document.querySelector(".new-posts :is(a, button)")?.click(),
  "?": () => openDialog("shortcuts"),
};

function follow(name) {
  const target = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(name)}"]`)].find((element) => element.offsetParent !== null);
  if (!target) return false;
  if (target.matches("input")) target.focus();
  else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || busy(event.target)) return;
  const key = event.key;
  if (key === "g") {
    began = Date.now();
    return;
  }
  const second = Date.now() - began < 1200;
  began = 0;
  if (second && follow(`g ${key}`)) {
    event.preventDefault();
    return;
  }
  if (key === "n") {
    const field = document.querySelector("[data-composer] textarea");
    if (field) {
      field.focus();
      event.preventDefault();
    } else follow("n");
  } else if (key === "/") {
    if (follow("/")) event.preventDefault();
  } else if (key === "Enter" && event.target.matches?.(".post[data-href]")) {
    location.assign(event.target.dataset.href);
  } else if (keys[key]) {
    keys[key]();
    event.preventDefault();
  }
});

// Ctrl or Cmd + Enter sends what is being written.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("[data-composer] textarea")) {
    const submit = event.target.form.querySelector('[type="submit"]');
    if (!submit.disabled) event.target.form.requestSubmit(submit);
  }
});
