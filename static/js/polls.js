// Live results: pages fetch their own, because who has not voted may not see them. Loaded with the first message.
const waiting = new Map();
const SPREAD = 2000; // so that not all pages ask at once

export function refreshPolls(id) {
  if (!waiting.has(id)) waiting.set(id, setTimeout(refresh, 300 + Math.random() * SPREAD, id));
}

function refresh(id) {
  waiting.delete(id);
  for (const poll of document.querySelectorAll(`[data-poll="${CSS.escape(id)}"]`)) {
    // Don’t take away what someone is choosing.
    if (poll.contains(document.activeElement) || poll.querySelector("input:checked")) continue;
    htmx.ajax("GET", `/posts/${id}/poll`, { source: poll, target: poll, swap: "outerHTML" });
  }
}
