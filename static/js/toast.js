// Short messages that disappear by themselves. toast("Saved"), toast("Deleted", {undo: "/posts/42/restore"}),
// toast("Hidden", {undo: () => …}), toast("Refused", {kind: "error"}).
// A view does the same with the header HX-Trigger: {"toast": {"text": "…", "kind": "…", "undo": "/path"}}.
import { gettext, interpolate } from "kith/gettext";

const STAY = 6000;
const STAY_WITH_UNDO = 10000;

const shelf = () => document.getElementById("toasts");

export function csrfToken() {
  const headers = document.body.getAttribute("hx-headers:inherited");
  return headers ? JSON.parse(headers)["X-CSRFToken"] : "";
}

// A view that refuses a form with an old token sends the new one, so that the form can be sent again.
document.addEventListener("csrf", ({ detail: { token } }) => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ ...headers, "X-CSRFToken": token }));
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
});

export function icon(name) {
  const known = document.querySelector("svg.icon use")?.getAttribute("href") ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${known.split("#")[0]}#${name}`);
  svg.append(use);
  return svg;
}

function leave(item) {
  if (!item || item.dataset.leaving !== undefined) return;
  item.dataset.leaving = "";
  setTimeout(() => item.remove(), 240);
}

function stay(item, time) {
  let timer = setTimeout(leave, time, item);
  const hold = () => clearTimeout(timer);
  const release = () => { clearTimeout(timer); timer = setTimeout(leave, 2500, item); };
  for (const [name, act] of [["pointerenter", hold], ["focusin", hold], ["pointerleave", release], ["focusout", release]]) {
    item.addEventListener(name, act);
  }
}

async function undoBy(path) {
  const answer = await fetch(path, { method: "POST", headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } });
  if (!answer.ok) throw new Error(answer.statusText);
  location.reload();
}

export function toast(text, { kind = "info", undo = null, undoLabel = gettext("Undo"), trace_id = "", post = "", outcomes = null, link = "" } = {}) {
  [...shelf().children].find((other) => other.querySelector("p")?.textContent === text)?.remove();
  const item = document.createElement("div");
  item.className = "toast";
  item.dataset.kind = kind;
  if (post) Object.assign(item.dataset, { outcomeOf: post, outcomes: JSON.stringify(outcomes) });
  if (kind === "error") item.setAttribute("role", "alert");
  const says = document.createElement("p");
  says.textContent = text;
  if (trace_id && kind === "error") says.title = interpolate(gettext("Error reference: %(id)s"), { id: trace_id });
  item.append(icon({ error: "warning", warning: "warning", success: "success" }[kind] ?? "info"), says);
  if (link) {
    const view = document.createElement("a");
    Object.assign(view, { className: "toast-undo", href: link, textContent: gettext("View") });
    item.append(view);
  }
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "toast-undo";
    button.textContent = undoLabel;
    button.addEventListener("click", async () => {
      leave(item);
      try {
        await (typeof undo === "function" ? undo() : undoBy(undo));
      } catch {
        toast(gettext("That couldn’t be undone."), { kind: "error" });
      }
    });
    item.append(button);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", gettext("Dismiss"));
  close.append(icon("x"));
  item.append(close);
  while (shelf().children.length > 2) shelf().firstElementChild.remove();
  shelf().append(item);
  stay(item, undo ? STAY_WITH_UNDO : STAY);
  return item;
}

const SENTENCES = {
  401: gettext("Please sign in first."),
  403: gettext("You don’t have permission to do that."),
  404: gettext("That’s no longer available."),
  409: gettext("This has changed since you opened it. Reload the page."),
  413: gettext("That’s too large."),
  429: gettext("Too many requests. Wait a moment and try again."),
};

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
document.addEventListener("click", (event) => {
  const close = event.target.closest?.("[data-toast-close]");
  if (close) leave(close.closest(".toast"));
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status, headers } = ctx.response;
  if (status === 422 || headers.get("HX-Trigger")?.includes('"toast"')) return;
  toast(SENTENCES[status] ?? gettext("Something went wrong on our end. Please try again."), { kind: "error" });
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  // A form with a draft shows it beside the text (draft.js).
  if (ctx && !ctx.sourceElement.querySelector("[data-draft-note]")) toast(gettext("Connection lost. Please try again."), { kind: "error" });
});
for (const item of document.querySelectorAll("[data-toast]")) {
  stay(item, STAY);
  // A screen reader announces changes of a live region, not its content when the page loads.
  const says = item.querySelector("p");
  setTimeout(() => { says.textContent = says.textContent; }, 300);
}
