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

// A picture in the grid of a profile: its address is in the card.
async function renewCell(cell) {
  const answer = await fetch(`/posts/${cell.dataset.post}/media`, { headers: { "HX-Request": "true" } });
  const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("picture img");
  if (fresh) cell.querySelector(".media-cell-picture").src = fresh.getAttribute("src");
}

const isPicture = (element) => element.matches?.('.gallery picture img:not([src=""])');
const renewed = new WeakSet();
document.addEventListener("error", ({ target }) => {
  if (target.matches?.(".media-cell-picture") && !renewed.has(target)) {
    renewed.add(target);
    renewCell(target.parentElement);
  }
  if (isPicture(target)) renew(target.closest(".gallery").dataset.gallery);
}, true);
for (const image of document.querySelectorAll('.gallery picture img:not([src=""])')) {
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
