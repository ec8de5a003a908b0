// [data-share="/path"], or on a link its href: opens the system’s share sheet, or copies the link; with [data-share-copy] it always copies.
import { toast } from "kith/toast";
import { gettext } from "kith/gettext";

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-share]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const url = new URL(link.dataset.share || link.href, location.href).href;
  const touch = matchMedia("(pointer: coarse)").matches;
  if (navigator.share && touch && !link.hasAttribute("data-share-copy")) {
    try {
      await navigator.share({ url, title: link.dataset.shareTitle });
    } catch {
      // The sheet was closed.
    }
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    toast(gettext("Link copied"), { kind: "success" });
  } catch {
    toast(url);
  }
});
