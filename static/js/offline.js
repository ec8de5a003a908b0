// Shows when the connection is lost; live.js calls setConnection("Reconnecting …") and setConnection("").
import { gettext } from "kith/gettext";

export function setConnection(text) {
  const bar = document.getElementById("offline");
  if (!bar) return;
  bar.hidden = !text;
  if (text) bar.querySelector("[data-offline-text]").textContent = text;
}

addEventListener("offline", () => setConnection(gettext("You’re offline. This page may be out of date.")));
addEventListener("online", () => setConnection(""));
if (!navigator.onLine) setConnection(gettext("You’re offline. This page may be out of date."));
