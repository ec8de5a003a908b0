// Puts the items of a list into another order: by its grip, with a pointer or the arrow keys.
// sortable(list, "li", "[data-grip]", done): done(item, place, count) after each move.
export function sortable(list, items, grips, done) {
  const all = () => [...list.querySelectorAll(`:scope > ${items}`)];
  let moved = null;

  function put(item, at) {
    const others = all().filter((other) => other !== item);
    const place = Math.max(0, Math.min(at, others.length));
    if (all().indexOf(item) === place) return;
    if (others[place]) others[place].before(item);
    else list.append(item);
    done(item, place + 1, others.length + 1);
  }

  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest(grips);
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (!grip || !step) return;
    event.preventDefault();
    const item = grip.closest(items);
    put(item, all().indexOf(item) + step);
    grip.focus();
  });
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(grips);
    if (!grip || event.button) return;
    moved = grip.closest(items);
    moved.dataset.moving = "";
    grip.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (!moved) return;
    const over = document.elementsFromPoint(clientX, clientY).map((each) => each.closest(items)).find((item) => item && item !== moved && item.parentElement === list);
    if (over) put(moved, all().indexOf(over));
  });
  for (const type of ["pointerup", "pointercancel"]) {
    list.addEventListener(type, () => {
      delete moved?.dataset.moving;
      moved = null;
    });
  }
}
