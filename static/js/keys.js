// The list of keys that "?" shows, loaded on first use.
import { openDialog } from "kith/dialog";
import { icon } from "kith/toast";
import { gettext } from "kith/gettext";

const LIST = [
  [gettext("Next post, previous post"), "j k"],
  [gettext("Open post"), "Enter"],
  [gettext("Like, reply, bookmark"), "l r b"],
  [gettext("Write a post"), "n"],
  [gettext("Send post or message"), gettext("Ctrl+Enter")],
  [gettext("Show new posts"), "."],
  [gettext("Search"), "/"],
  [gettext("Home, explore, notifications"), "g then h e n"],
  [gettext("Messages, bookmarks, profile"), "g then m b p"],
  [gettext("This list"), "?"],
];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A visitor has fewer pages, and no composer.
function works(keys) {
  const names = keys === "n" ? ["n"] : keys.startsWith("g then ") ? keys.slice(7).split(" ").map((key) => `g ${key}`) : [];
  return names.every((name) => document.querySelector(`[data-shortcut="${name}"]`));
}

export function help() {
  if (!document.getElementById("shortcuts")) {
    const rows = LIST.filter(([, keys]) => works(keys)).map(([what, keys]) => {
      const caps = keys.split(" ").flatMap((key) => [key === "then" ? gettext("then") : element("kbd", {}, key), " "]);
      return element("div", {}, element("dt", {}, what), element("dd", {}, ...caps));
    });
    const close = element("button", { class: "btn-icon", type: "button", "data-dialog-close": "", "aria-label": gettext("Close") }, icon("x"));
    const head = element("header", { class: "dialog-head" }, element("h2", { id: "shortcuts-title" }, gettext("Keyboard shortcuts")), close);
    const body = element("div", { class: "dialog-body" }, element("dl", { class: "keys" }, ...rows));
    document.body.append(element("dialog", { class: "dialog", id: "shortcuts", "aria-labelledby": "shortcuts-title" }, head, body));
  }
  openDialog("shortcuts");
}
