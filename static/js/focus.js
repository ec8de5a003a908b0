// When a response replaces the focused element, focus its new version, else what replaced it, else what is next to it;
// data-focus-after="selector" on the sender names another target. lazy.js loads this with the first key or
// press. A reply form in a card closes by its button and on Escape.
import { isComposed } from "kith/sending";

let outside = null; // what had the focus last outside dialogs
const isLost = () => !document.activeElement || document.activeElement === document.body;

document.addEventListener("focusin", ({ target }) => { if (!target.closest("dialog")) outside = target; });

function noteTrail({ detail: { ctx } }) {
  if (!ctx || isLost()) return;
  ctx.kithTrail = [];
  let each = document.activeElement.closest("dialog") ? outside : document.activeElement;
  for (; each && each !== document.body; each = each.parentElement) {
    ctx.kithTrail.push({ each, parent: each.parentElement, before: each.previousElementSibling });
  }
}
document.addEventListener("htmx:before:request", noteTrail);
document.addEventListener("htmx:before:swap", noteTrail);

function placeOf(trail) {
  let gone = null;
  for (const step of trail) {
    if (step.each.isConnected) break;
    const again = step.each.id && document.getElementById(step.each.id);
    if (again) return again;
    gone = step;
  }
  if (!gone) return trail[0]?.each;
  const { parent, before } = gone;
  return (before?.isConnected ? before.nextElementSibling ?? before : parent.firstElementChild) ?? parent;
}

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx?.kithTrail) requestAnimationFrame(() => {
    if (!isLost()) return;
    const named = ctx.sourceElement.dataset.focusAfter;
    const place = (named && document.querySelector(named)) || placeOf(ctx.kithTrail) || document.getElementById("main");
    const target = (place.matches("form") && place.querySelector("textarea")) || place;
    target.focus({ preventScroll: true });
    if (!isLost()) return;
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  });
});

function closeReply(form) {
  if (form.dataset.sending !== undefined) return;
  const card = form.closest(".post");
  form.remove();
  card.querySelector('[data-action="reply"]').focus();
}
document.addEventListener("click", ({ target }) => target.closest?.("[data-close-form]") && closeReply(target.closest("form")));
document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && !isComposed(event) && event.target.closest?.(".post-reply form");
  if (form) closeReply(form);
});
