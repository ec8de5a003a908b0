// <details class="menu">: closes on a click elsewhere, on a choice, on Escape; arrows walk through the items.
const open = () => document.querySelectorAll("details.menu[open]");
const items = (menu) => [...menu.querySelectorAll(".menu-list :is(a, button):not([disabled])")].filter((item) => item.offsetParent);

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const choice = event.target.closest?.(".menu-item");
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
