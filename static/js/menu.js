// <details class="menu">: closes on a click elsewhere, on a choice, on Escape; arrows walk through the items.
// It opens where there is room: above its button when there is more than below, and never past the side of the window.
const open = () => document.querySelectorAll("details.menu[open]");
const items = (menu) => [...menu.querySelectorAll(".menu-list :is(a, button):not([disabled])")].filter((item) => item.offsetParent);

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const choice = event.target.closest?.(".menu-item");
    // Otherwise the focus would move to the body, and a dialog couldn’t return it.
    if (choice && menu.contains(choice)) menu.querySelector("summary").focus({ preventScroll: true });
    if (!menu.contains(event.target) || (choice && menu.contains(choice))) menu.open = false;
  }
});
document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]") ?? open()[0];
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const choices = items(menu);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const now = choices.indexOf(document.activeElement);
    choices.at((now === -1 && step === -1 ? 0 : now + step) % choices.length)?.focus();
    event.preventDefault();
  }
});

function place(menu) {
  const list = menu.querySelector(".menu-list");
  if (!list) return;
  list.style.cssText = "";
  const button = menu.getBoundingClientRect();
  const bar = innerWidth < 700 ? document.querySelector(".nav") : null;
  const below = Math.min(innerHeight, bar?.getBoundingClientRect().top || innerHeight) - button.bottom - 8;
  const above = button.top - 8;
  if (!menu.closest(".nav")) {
    menu.classList.toggle("menu-up", list.offsetHeight > below && above > below);
    list.style.maxHeight = `${Math.max(menu.classList.contains("menu-up") ? above : below, 96)}px`;
  }
  const { left, right } = list.getBoundingClientRect();
  const shift = left < 8 ? 8 - left : Math.min(0, document.documentElement.clientWidth - 8 - right);
  if (shift) list.style.translate = `${shift}px`;
}
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches("details.menu")) place(target);
}, true);
