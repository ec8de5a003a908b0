// The further posts of a thread in the composer: added and removed without asking the server, each with its own length.
// The button that sends says what it does: post, post all, or schedule.
import { count } from "kith/counter";
import { gettext, interpolate } from "kith/gettext";

export function setUpThread(form, changed) {
  const later = form.querySelector("[data-later]");
  const list = later.querySelector("[data-thread-posts]");
  const blank = later.querySelector("template");
  const send = form.querySelector("[data-counter-submit]");
  const label = send.textContent;
  const time = form.elements.scheduled_at;
  const fields = () => [...list.querySelectorAll("textarea")];

  function draw() {
    fields().forEach((field, at) => {
      const names = { number: at + 2 };
      field.setAttribute("aria-label", interpolate(gettext("Post %(number)s"), names));
      field.closest("li").querySelector("[data-thread-drop]").setAttribute("aria-label", interpolate(gettext("Remove post %(number)s"), names));
      const max = Number(field.dataset.threadMax);
      const left = max - count(field.value);
      const place = field.closest("li").querySelector("[data-thread-count]");
      place.textContent = left <= max * 0.1 ? String(left) : "";
      place.dataset.state = left < 0 ? "over" : "near";
      field.setCustomValidity(left < 0 ? gettext("This post is too long.") : "");
      if (left < 0) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
    const written = fields().filter((field) => field.value.trim()).length;
    if (!form.elements.publish) send.textContent = time.value ? gettext("Schedule") : written ? interpolate(gettext("Post all %(number)s"), { number: written + 1 }) : label;
  }

  function add(text = "") {
    const item = blank.content.firstElementChild.cloneNode(true);
    list.append(item);
    item.querySelector("textarea").value = text;
    draw();
    return item.querySelector("textarea");
  }

  later.addEventListener("click", (event) => {
    if (event.target.closest("[name=add_post]")) {
      event.preventDefault();
      add().focus();
    }
    const item = event.target.closest("[data-thread-drop]")?.closest("li");
    if (!item) return;
    const next = item.previousElementSibling?.querySelector("textarea") ?? form.querySelector("textarea[name=text]");
    item.remove();
    draw();
    changed();
    next.focus();
  });
  for (const type of ["input", "change"]) later.addEventListener(type, draw);
  draw();
  return { texts: () => fields().map(({ value }) => value), restore: (texts) => texts.forEach((text) => add(text)) };
}
