// A new notification comes to its place in the list of the page; live.js loads this with the first.
import { fragment, newer } from "kith/live";
import { csrfToken } from "kith/toast";

// The badge is for what arrived unnoticed: what comes while the page is on the screen doesn't count.
function seen() {
  if (document.hidden || !document.getElementById("notifications")) return;
  fetch("/notifications/seen", { method: "POST", headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } }).catch(() => {});
}
document.addEventListener("visibilitychange", seen);

export async function showInList(list, fact) {
  seen();
  if (list.dataset.notifications === "mentions" && !["reply", "mention"].includes(fact.kind)) return;
  if (list.querySelector(`[data-notification="${CSS.escape(fact.id)}"]`)) return;
  const row = (await fragment(`/notifications/${fact.id}/row`)).querySelector(".note-row");
  if (!row) return;
  list.dispatchEvent(new CustomEvent("kith:at-top", { bubbles: true })); // far.js
  const before = document.getElementById(row.id);
  const rows = [...list.querySelectorAll(".note-row")];
  // An empty page is drawn anew.
  if (!rows.length) return void location.reload();
  before?.remove();
  // What was caught up with may be older than what is here.
  const older = rows.find((other) => other !== before && newer(row.dataset.notification, other.dataset.notification));
  const place = older ?? (before && list.querySelector(".more-row, .end-row"));
  if (!place) return;
  place.before(row);
  window.htmx.process(row);
}
