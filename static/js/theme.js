// [data-theme-set="light|dark|system"]: a button or a radio. A cookie stores the choice, so the server renders the page in it.
const root = document.documentElement;
root.classList.add("has-script");

function show() {
  for (const choice of document.querySelectorAll("[data-theme-set]")) {
    const chosen = choice.dataset.themeSet === (root.dataset.theme || "system");
    if (choice.matches("input")) continue;
    choice.setAttribute("aria-pressed", String(chosen));
  }
}

function set(theme) {
  root.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  show();
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest?.("button[data-theme-set]");
  if (choice) set(choice.dataset.themeSet);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-theme-set]")) set(event.target.dataset.themeSet);
});
document.addEventListener("htmx:after:process", show);
show();
