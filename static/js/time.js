// <time datetime data-ago> keeps telling the truth while the page stays open; its title is in the reader's own time zone.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const dayOfYear = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", year: "numeric" });

function ago(moment, now) {
  const seconds = (now - moment) / 1000;
  if (seconds < 60) return "now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  if (seconds < 7 * 86400) return `${Math.floor(seconds / 86400)}d`;
  return (moment.getFullYear() === now.getFullYear() ? day : dayOfYear).format(moment);
}

function refresh() {
  const now = new Date();
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const words = ago(moment, now);
    if (element.textContent !== words) element.textContent = words;
    if (!element.dataset.exact) {
      element.dataset.exact = "1";
      element.title = exact.format(moment);
    }
  }
}

setInterval(refresh, 30000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("htmx:after:process", refresh);
refresh();
