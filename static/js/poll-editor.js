// The options of a poll in the composer: as many as are needed, in any order. Without scripts there are always six fields.
import { gettext, interpolate } from "kith/gettext";
import { sortable } from "kith/sortable";

const LEAST = 2;

export function setUpPoll(part, changed, say) {
  const list = part.querySelector("[data-poll-options]");
  const add = part.querySelector("[data-poll-add]");
  const rows = () => [...list.children];
  const shown = () => rows().filter((row) => !row.hidden);
  const field = (row) => row.querySelector("input");

  function draw() {
    const visible = shown();
    visible.forEach((row, at) => {
      const names = { number: at + 1 };
      field(row).placeholder = interpolate(gettext("Option %(number)s"), names);
      field(row).setAttribute("aria-label", field(row).placeholder);
      row.querySelector("[data-grip]").setAttribute("aria-label", interpolate(gettext("Move option %(number)s with the arrow keys"), names));
      const drop = row.querySelector("[data-poll-drop]");
      drop.setAttribute("aria-label", interpolate(gettext("Remove option %(number)s"), names));
      drop.disabled = visible.length <= LEAST;
    });
    add.hidden = visible.length === rows().length;
  }

  function fill() {
    rows().forEach((row, at) => { row.hidden = at >= LEAST && !field(row).value; });
    draw();
  }

  add.addEventListener("click", () => {
    const row = rows().find((each) => each.hidden);
    shown().at(-1).after(row);
    row.hidden = false;
    draw();
    field(row).focus();
  });
  list.addEventListener("click", ({ target }) => {
    const row = target.closest("[data-poll-drop]")?.closest("li");
    if (!row) return;
    const next = row.nextElementSibling?.hidden === false ? row.nextElementSibling : row.previousElementSibling;
    field(row).value = "";
    row.hidden = true;
    list.append(row);
    draw();
    field(next).focus();
    changed();
  });
  // Enter goes to the next option instead of sending the post.
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input") || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    const visible = shown();
    const next = visible[visible.indexOf(event.target.closest("li")) + 1];
    if (next) field(next).focus();
    else if (!add.hidden) add.click();
  });
  sortable(list, "li", "[data-grip]", (row, place) => {
    draw();
    changed();
    say(interpolate(gettext("Moved to place %(place)s of %(count)s"), { place, count: shown().length }));
  });
  part.addEventListener("toggle", fill);
  fill();
}
