// Pull to refresh on touch screens: reloads the page’s [data-refresh], by its id. Only at the top of the page, with one
// finger, downwards, and with nothing over it. The text in a composer above stays.
import { icon, toast } from "kith/toast";
import { gettext } from "kith/gettext";

const READY = 64; // px of the indicator from which releasing refreshes
const MOST = 96;
const SLOWER = 0.5; // the indicator follows the finger

const list = () => document.querySelector("[data-refresh]");
// Replaces the browser’s own pull to refresh, which would reload the whole page (layout.css).
document.documentElement.classList.add("pulls");

const indicator = document.createElement("div");
indicator.className = "pull";
indicator.append(icon("arrow-up"));
const status = document.createElement("span");
status.className = "visually-hidden";
status.setAttribute("role", "status");
indicator.append(status);
document.body.append(indicator);

let start = null;
let moved = 0;
let asking = false;

function show(distance, state) {
  moved = distance;
  indicator.style.translate = `-50% ${distance}px`;
  indicator.dataset.state = state;
}

function move(event) {
  const [touch] = event.touches;
  const down = touch.clientY - start.y;
  if (event.touches.length > 1 || scrollY > 0 || (!moved && (down <= 0 || Math.abs(touch.clientX - start.x) > down))) return stop();
  // From the first move on, or the browser starts to scroll.
  if (event.cancelable) event.preventDefault();
  const distance = Math.max(0, Math.min(MOST, down * SLOWER));
  show(distance, distance >= READY ? "ready" : "pulled");
}

function stop() {
  start = null;
  document.removeEventListener("touchmove", move);
  if (!asking) show(0, "");
}

export async function refresh() {
  if (asking || !list()) return;
  asking = true;
  show(READY, "asking");
  status.textContent = gettext("Refreshing…");
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(list().id);
    // Signed out, or no list: the page shows that.
    if (!drawn) return void location.reload();
    list().replaceWith(drawn);
    window.htmx?.process(drawn);
    status.textContent = gettext("Up to date.");
  } catch {
    status.textContent = "";
    toast(gettext("Connection lost. Please try again."), { kind: "error" });
  } finally {
    asking = false;
    show(0, "");
  }
}

document.addEventListener("touchstart", (event) => {
  const busy = asking || scrollY > 0 || event.touches.length > 1 || document.querySelector("dialog[open], details.menu[open]");
  if (busy || !list() || event.target.closest("textarea, input, select, .nav, .toasts")) return;
  start = { x: event.touches[0].clientX, y: event.touches[0].clientY };
  document.addEventListener("touchmove", move, { passive: false });
}, { passive: true });
document.addEventListener("touchend", () => {
  if (!start) return;
  const ready = moved >= READY;
  stop();
  if (ready) refresh();
});
document.addEventListener("touchcancel", () => start && stop());
