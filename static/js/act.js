// <button form="act" formaction="/posts/42/like">: HTMX sends it, and the response replaces the button.
// Without JavaScript the page’s form #act sends it, and the response redirects back.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.('button[form="act"][formaction]:not([hx-post])');
  if (!button || !window.htmx || event.defaultPrevented) return;
  event.preventDefault();
  window.htmx.ajax("POST", button.getAttribute("formaction"), { source: button, target: button, swap: "outerHTML" });
});

// A button changes at once, so people may leave at once: the request is still sent.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches?.("button[aria-pressed]")) ctx.request.keepalive = true;
});
