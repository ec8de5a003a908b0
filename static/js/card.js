// <article data-href>: a click on the card opens its page, except on links and buttons in it or while text is selected.
document.addEventListener("click", (event) => {
  const card = event.target.closest?.("[data-href]");
  if (!card || event.defaultPrevented || event.button) return;
  if (event.target.closest("a, button, summary, details:not(.filtered), form, input, textarea, select, label, video, audio, dialog")) return;
  if (String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(card.dataset.href, "_blank", "noopener");
  else location.assign(card.dataset.href);
});
