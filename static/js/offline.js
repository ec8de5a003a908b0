// Says when the connection is gone. live.js may say more: setConnection("Reconnecting …") and setConnection("").
export function setConnection(text) {
  const bar = document.getElementById("offline");
  if (!bar) return;
  bar.hidden = !text;
  if (text) bar.querySelector("[data-offline-text]").textContent = text;
}

addEventListener("offline", () => setConnection("You are offline. What you see may be old."));
addEventListener("online", () => setConnection(""));
if (!navigator.onLine) setConnection("You are offline. What you see may be old.");
