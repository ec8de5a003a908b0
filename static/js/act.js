// <button form="act" formaction="/posts/42/like">: HTMX sends it, and the answer takes the button's place.
// Without script the page's form #act sends it, and the answer is a redirect back.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.('button[form="act"][formaction]:not([hx-post])');
  if (!button || !window.htmx || event.defaultPrevented) return;
  event.preventDefault();
  window.htmx.ajax("POST", button.getAttribute("formaction"), { source: button, target: button, swap: "outerHTML" });
});

// A button flips at once, so a person may leave at once: what they pressed still arrives.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches?.("button[aria-pressed]")) ctx.request.keepalive = true;
});
