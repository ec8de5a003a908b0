// [data-dialog-open="id"] opens <dialog id>; without the dialog (or script) its href leads to the page that does the same.
// A <dialog data-dialog-now> that HTMX brings opens as it comes, and leaves the page when it is closed.
// [data-dialog-close] and a click on the backdrop close it.
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog?.showModal) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
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
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
  }
});
