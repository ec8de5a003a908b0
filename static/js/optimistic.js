// <button form="act" aria-pressed>, or data-optimistic beside hx-post: the button and its
// number change at once, and change back if the server refuses (toast.js shows why). The response has the true state.
const number = (button) => button.querySelector(".action-count");

function flip(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  if (on) button.dataset.just = "";
  else delete button.dataset.just;
  const count = number(button);
  // "1.2K" stays: one more doesn’t change it.
  if (count && /^\d*$/.test(count.textContent)) {
    const now = Math.max(0, Number(count.textContent) + (on ? 1 : -1));
    count.textContent = now ? String(now) : "";
  }
}

// While the pointer stays on a pressed button, it shows its state ("Following"); the next action
// ("Unfollow") shows on the next hover.
function stillHovered(button) {
  if (!button?.matches(".btn[aria-pressed=true]")) return;
  button.dataset.just = "";
  button.addEventListener("pointerleave", () => delete button.dataset.just, { once: true });
}

function buttonOf(ctx) {
  const source = ctx?.sourceElement;
  if (!source?.matches?.('[data-optimistic], button[form="act"][aria-pressed]')) return null;
  return source.matches("[aria-pressed]") ? source : source.querySelector("[aria-pressed]");
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const button = buttonOf(ctx);
  if (!button) return;
  ctx.kithBefore = [button, button.getAttribute("aria-pressed"), number(button)?.textContent, button.matches(":hover")];
  flip(button);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!ctx?.kithBefore) return;
  const [button, pressed, count, hovered] = ctx.kithBefore;
  if (ctx.response?.status < 400) return hovered && stillHovered(document.getElementById(button.id));
  button.setAttribute("aria-pressed", pressed);
  delete button.dataset.just;
  if (number(button)) number(button).textContent = count;
});
