// [data-share="/path"], or on a link its href: opens the system’s share sheet, or copies the link; with [data-share-copy] it always copies.
// [data-share-sheet] is shown where there is a sheet, and opens it with a mouse, too. [data-copy="id"] copies what is in a field.
import { toast } from "kith/toast";
import { gettext } from "kith/gettext";

document.addEventListener("click", async (event) => {
  const field = document.getElementById(event.target.closest?.("[data-copy]")?.dataset.copy);
  if (field) return copy(field.value, gettext("Code copied"));
  const link = event.target.closest?.("[data-share]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const url = new URL(link.dataset.share || link.href, location.href).href;
  const sheet = "shareSheet" in link.dataset || matchMedia("(pointer: coarse)").matches;
  if (navigator.share && sheet && !link.hasAttribute("data-share-copy")) {
    try {
      await navigator.share({ url, title: link.dataset.shareTitle });
    } catch {
      // The sheet was closed.
    }
    return;
  }
  copy(url, gettext("Link copied"));
});

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done, { kind: "success" });
  } catch {
    toast(text);
  }
}

function show() {
  for (const way of document.querySelectorAll(`[data-copy][hidden]${navigator.share ? ", [data-share-sheet][hidden]" : ""}`)) way.hidden = false;
}
document.addEventListener("htmx:after:swap", show);
show();
