// <textarea data-counter-max="500">: counts as core.text.length does, in code points. Draws into [data-counter] of the same form
// (a ring) or [data-counter-for="id"] (a number), and switches [data-counter-submit] off when empty or too long.
export function count(text) {
  return [...text.normalize("NFC")].length;
}

function draw(field) {
  const max = Number(field.dataset.counterMax || field.maxLength);
  const used = count(field.value.replace(/\r\n/g, "\n"));
  const left = max - used;
  const state = left < 0 ? "over" : left <= Math.min(40, max * 0.1) ? "near" : "ok";
  const form = field.form;
  const number = field.id && document.querySelector(`[data-counter-for="${CSS.escape(field.id)}"]`);
  if (number) {
    number.textContent = `${used} / ${max}`;
    number.dataset.state = state;
  }
  const ring = form?.querySelector("[data-counter]");
  if (ring && !number) {
    ring.dataset.state = state;
    ring.querySelector(".ring-text").textContent = state === "ok" ? "" : String(left);
    ring.querySelector(".ring-fill").style.strokeDashoffset = String(100 - Math.min(100, (used / max) * 100));
  }
  const submit = form?.querySelector("[data-counter-submit]");
  if (submit) submit.disabled = left < 0 || (field.required && !field.value.trim());
}

const all = () => document.querySelectorAll("[data-counter-max]").forEach(draw);
document.addEventListener("input", (event) => event.target.matches?.("[data-counter-max]") && draw(event.target));
document.addEventListener("reset", () => setTimeout(all));
document.addEventListener("htmx:after:process", all);
document.addEventListener("kith:restored", (event) => draw(event.target));
all();
