// hx-confirm="sentence" asks in our own dialog instead of the browser's; data-confirm-label names the button.
// A plain form asks too, with data-confirm="sentence".
import { gettext } from "kith/words";

function ask(text, label, danger) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "confirm-text");
    const head = document.createElement("header");
    head.className = "dialog-head dialog-question";
    const title = document.createElement("h2");
    title.id = "confirm-text";
    title.textContent = text;
    head.append(title);
    const actions = document.createElement("form");
    actions.method = "dialog";
    actions.className = "dialog-actions";
    for (const [value, words, style] of [["", gettext("Cancel"), "btn btn-secondary"], ["yes", label, danger ? "btn btn-danger" : "btn"]]) {
      const button = document.createElement("button");
      button.value = value;
      button.textContent = words;
      button.className = style;
      button.autofocus = !value;
      actions.append(button);
    }
    dialog.append(head, actions);
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const words = (element) => [element.dataset.confirmLabel ?? gettext("Continue"), !element.hasAttribute("data-confirm-safe")];

document.addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (!ctx?.confirm) return;
  event.preventDefault();
  ask(ctx.confirm, ...words(ctx.sourceElement)).then((yes) => (yes ? issueRequest() : dropRequest()));
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset?.confirm || form.dataset.confirmed !== undefined) return;
  event.preventDefault();
  const submitter = event.submitter;
  if (!(await ask(form.dataset.confirm, ...words(form)))) return;
  form.dataset.confirmed = "";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
});
