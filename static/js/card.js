// <article data-href>: the whole card leads to its page, except where there is something of its own to press or text being selected.
document.addEventListener("click", (event) => {
  const card = event.target.closest?.("[data-href]");
  if (!card || event.defaultPrevented || event.button) return;
  if (event.target.closest("a, button, summary, details:not(.filtered), form, input, textarea, select, label, video, audio, dialog")) return;
  if (String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(card.dataset.href, "_blank", "noopener");
  else location.assign(card.dataset.href);
});
