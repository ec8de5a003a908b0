// [data-dialog-open="id"] opens <dialog id>; without the dialog (or JavaScript) its href opens a page that does the same.
// A <dialog data-dialog-now> inserted by HTMX opens at once, and is removed when closed.
// [data-dialog-fetch]: its href, fetched as a fragment, returns a <dialog> to show.
// [data-dialog-close] and a click on the backdrop close it.
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog?.showModal) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

let asked = null; // gets the focus back when a fetched dialog closes

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-dialog-fetch]");
  if (link && window.htmx && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    asked = link.closest("details.menu")?.querySelector("summary") ?? link;
    window.htmx.ajax("GET", link.href, { target: "body", swap: "beforeend" });
  }
  const opener = event.target.closest?.("[data-dialog-open]");
  if (opener && openDialog(opener.dataset.dialogOpen)) event.preventDefault();
  if (event.target.closest?.("[data-dialog-close]")) event.target.closest("dialog").close();
  if (event.target.matches?.("dialog.dialog")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

document.addEventListener("htmx:after:swap", () => {
  for (const dialog of document.querySelectorAll("dialog[data-dialog-now]:not([open])")) {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (asked?.isConnected) asked.focus();
      asked = null;
    });
    dialog.showModal();
  }
  if (asked?.isConnected && !document.querySelector("dialog[open]")) {
    asked.focus();
    asked = null;
  }
});
