// A new notification appears in the list of the page, or else as a toast; live.js loads this with the first.
import { fragment } from "kith/fragment";
import { newer } from "kith/streams";
import { csrfToken, icon, toast } from "kith/toast";

// The badge counts what arrived unnoticed: what comes while the page is visible doesn’t count.
function seen() {
  if (document.hidden || !document.getElementById("notifications")) return;
  fetch("/notifications/seen", { method: "POST", headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } }).catch(() => {});
}
document.addEventListener("visibilitychange", seen);

export async function show(message) {
  const list = document.getElementById("notifications");
  if (list) await showInList(list, message);
  else if (!document.hidden) await showToast(message);
}

async function showToast({ id }) {
  const line = await fragment(`/notifications/${id}/line`);
  const item = toast(line.textContent.trim());
  item.dataset.notification = id;
  item.querySelector("p").replaceChildren(line);
  item.querySelector(".icon").replaceWith(icon("bell"));
}

async function showInList(list, message) {
  seen();
  if (list.dataset.notifications === "mentions" && !["reply", "mention"].includes(message.kind)) return;
  if (list.querySelector(`[data-notification="${CSS.escape(message.id)}"]`)) return;
  const row = (await fragment(`/notifications/${message.id}/row`)).querySelector(".note-row");
  if (!row) return;
  list.dispatchEvent(new CustomEvent("kith:at-top", { bubbles: true })); // far.js
  const before = document.getElementById(row.id);
  const rows = [...list.querySelectorAll(".note-row")];
  // Reload an empty page.
  if (!rows.length) return void location.reload();
  before?.remove();
  // A missed one may be older than those shown.
  const older = rows.find((other) => other !== before && newer(row.dataset.notification, other.dataset.notification));
  const place = older ?? (before && list.querySelector(".more-row, .end-row"));
  if (!place) return;
  place.before(row);
  window.htmx.process(row);
}
