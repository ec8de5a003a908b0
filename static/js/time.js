// <time datetime data-time="ago|at|on|month">: rendered in UTC (core/times.py), shown here in the reader’s time zone. "ago" is
// updated while the page stays open, and its title is the exact time.
import { dialect, gettext, interpolate, language } from "kith/gettext";

const shapes = {
  at: new Intl.DateTimeFormat(dialect, { dateStyle: "long", timeStyle: "short" }),
  on: new Intl.DateTimeFormat(dialect, { dateStyle: "long" }),
  month: new Intl.DateTimeFormat(dialect, { month: "long", year: "numeric" }),
};
const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
const dayOfYear = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", year: "numeric" });

// The same as core.times.short_ago.
function ago(moment, now) {
  const seconds = (now - moment) / 1000;
  if (seconds < 60) return gettext("now");
  if (seconds < 3600) return interpolate(gettext("%(minutes)sm"), { minutes: Math.floor(seconds / 60) });
  if (seconds < 86400) return interpolate(gettext("%(hours)sh"), { hours: Math.floor(seconds / 3600) });
  if (seconds < 7 * 86400) return interpolate(gettext("%(days)sd"), { days: Math.floor(seconds / 86400) });
  return (moment.getFullYear() === now.getFullYear() ? day : dayOfYear).format(moment);
}

function refresh() {
  const now = new Date();
  for (const element of document.querySelectorAll("time[data-time]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const shape = shapes[element.dataset.time];
    const text = shape ? shape.format(moment) : ago(moment, now);
    if (element.textContent !== text) element.textContent = text;
    if (shape || element.dataset.exact) continue;
    element.dataset.exact = "1";
    element.title = shapes.at.format(moment);
  }
}

setInterval(refresh, 30000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("htmx:after:process", refresh);
refresh();
