// Pictures in cards: a click opens the viewer. Addresses end after some minutes: a picture that can’t be loaded is loaded
// again with a fresh one.
const PAUSE = 30_000; // ms between two attempts for a post
const tried = new Map();

export async function renew(id) {
  if (Date.now() - (tried.get(id) ?? -PAUSE) < PAUSE) return;
  tried.set(id, Date.now());
  for (const gallery of document.querySelectorAll(`[data-gallery="${id}"]`)) {
    await window.htmx?.ajax("GET", `/posts/${id}/media`, { target: gallery, swap: "outerHTML" });
  }
}

const isPicture = (element) => element.matches?.(".gallery picture img");
document.addEventListener("error", ({ target }) => {
  if (isPicture(target)) renew(target.closest(".gallery").dataset.gallery);
}, true);
for (const image of document.querySelectorAll(".gallery picture img")) {
  if (image.complete && !image.naturalWidth && image.loading !== "lazy") renew(image.closest(".gallery").dataset.gallery);
}

function loadPlayer() {
  if (document.querySelector(".player")) import("kith/player").catch(() => {});
}
document.addEventListener("htmx:after:process", loadPlayer);
loadPlayer();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".gallery a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  import("kith/viewer").then(({ show }) => show(link), () => location.assign(link.href));
});
