// <textarea data-counter-max="500">: counts what a person calls a character. Draws into [data-counter] of the same form
// (a ring) or [data-counter-for="id"] (a number), and switches [data-counter-submit] off when empty or too long.
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function count(text) {
  if (/^[\x20-\x7e\n]*$/.test(text)) return text.length;
  let total = 0;
  for (const _ of graphemes.segment(text)) total += 1;
  return total;
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
