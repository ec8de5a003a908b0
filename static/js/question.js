// The dialog of confirm.js, loaded with the first confirmation.
import { gettext } from "kith/gettext";

export function ask(text, label, danger) {
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
    for (const [value, caption, style] of [["", gettext("Cancel"), "btn btn-secondary"], ["yes", label, danger ? "btn btn-danger" : "btn"]]) {
      const button = document.createElement("button");
      button.value = value;
      button.textContent = caption;
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
