// Keyboard shortcuts; ? shows the list (keys.js). Elements define their own with data-shortcut="n" or "g h".
import { isComposed } from "kith/sending";

const help = () => import("kith/keys").then((keys) => keys.help(), () => {});

document.addEventListener("click", (event) => event.target.closest?.("[data-shortcuts-help]") && help());

const busy = (element) => element.closest?.("input, textarea, select, [contenteditable], dialog[open]");
const posts = () => [...document.querySelectorAll(".stream :is(.post, .case)")];
let began = 0;

function walk(step) {
  const here = document.activeElement.closest?.(".post, .case");
  here?.dispatchEvent(new CustomEvent("kith:beside", { bubbles: true })); // far.js
  const all = posts();
  let next = here ? all.indexOf(here) + step : all.findIndex((post) => post.getBoundingClientRect().top > 60);
  next = all[Math.max(0, Math.min(next, all.length - 1))];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  const room = next.getBoundingClientRect().top - 76;
  if (room < 0) scrollBy(0, room);
}

const press = (selector) => document.activeElement.closest?.(".post")?.querySelector(selector)?.click();

// Items of a list may define their own keys: <button data-key="p">.
function pressOwn(key) {
  const own = document.activeElement.closest?.(".case")?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  own?.click();
  if (own?.matches("summary")) own.parentElement.querySelector("textarea, select, input:not([type=hidden])")?.focus();
  return Boolean(own);
}

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  l: () => press('[data-action="like"]'),
  b: () => press('[data-action="bookmark"]'),
  r: () => press('[data-action="reply"]'),
  ".": () => document.querySelector("[data-refresh]") && import("kith/pull").then((pull) => (scrollTo(0, 0), pull.refresh()), () => {}),
  "?": help,
};

function follow(name) {
  const named = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(name)}"]`)];
  // In a narrow window the navigation has fewer links, and the search box is a page of its own.
  const target = named.find((element) => element.offsetParent !== null) ?? named.find((element) => element.matches("a, input"));
  if (!target) return false;
  if (target.matches("input")) target.offsetParent ? target.focus() : target.form.submit();
  else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isComposed(event) || busy(event.target)) return;
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
  if (pressOwn(key)) {
    event.preventDefault();
  } else if (key === "n" || key === "/") {
    if (follow(key)) event.preventDefault();
  } else if (key === "Enter" && event.target.matches?.(".post[data-href]")) {
    location.assign(event.target.dataset.href);
  } else if (keys[key]) {
    // A key that is held down moves on, but likes once.
    if (!event.repeat || "jk".includes(key)) keys[key]();
    event.preventDefault();
  }
});
