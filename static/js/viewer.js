// The pictures of a post over the whole window: swipe or arrow keys to the next, pinch, wheel or double tap to enlarge, drag
// down or Escape to close. Loaded by gallery.js with the first click.
import { renew } from "kith/gallery";
import { gettext, interpolate } from "kith/gettext";
import { icon } from "kith/toast";

const MOST = 5; // times
const FAR = 60; // px that count as a swipe
let dialog; // one at a time
let id, at, scale, shift;

const links = () => [...document.querySelectorAll(`.gallery[data-gallery="${id}"]`)].map((one) => [...one.querySelectorAll(".pic > a")])[0] ?? [];
const part = (name) => dialog.querySelector(`.viewer-${name}`);
const backward = () => getComputedStyle(document.documentElement).direction === "rtl";

function button(name, label, glyph, act) {
  const made = document.createElement(name === "save" ? "a" : "button");
  made.className = `btn-icon viewer-${name}`;
  made.setAttribute("aria-label", label);
  made.title = label;
  made.append(icon(glyph));
  if (act) made.addEventListener("click", act);
  return made;
}

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", gettext("Pictures"));
  const bar = document.createElement("header");
  const count = Object.assign(document.createElement("span"), { className: "viewer-count" });
  count.setAttribute("role", "status");
  bar.append(button("close", gettext("Close"), "x", () => dialog.close()), count, button("save", gettext("Download"), "download"));
  const stage = Object.assign(document.createElement("div"), { className: "viewer-stage" });
  const image = Object.assign(document.createElement("img"), { className: "viewer-image", draggable: false });
  stage.append(image);
  const text = Object.assign(document.createElement("p"), { className: "viewer-text", dir: "auto", tabIndex: 0 });
  dialog.append(bar, stage, text,
    button("previous", gettext("Previous picture"), "arrow-left", () => turn(-1)),
    button("next", gettext("Next picture"), "arrow-left", () => turn(1)));
  dialog.addEventListener("close", () => { dialog.remove(); dialog = undefined; });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (step) turn(backward() ? -step : step);
    else if (event.key === "+" || event.key === "=") zoom(scale * 1.5);
    else if (event.key === "-") zoom(scale / 1.5);
    else if (event.key === "Home" || event.key === "End") to(event.key === "Home" ? 0 : links().length - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  image.addEventListener("error", async () => {
    // The address has ended: the card gets fresh ones.
    const before = image.src;
    await renew(id);
    const now = links()[at];
    if (now && now.href !== before) to(at);
  });
  stage.addEventListener("wheel", (event) => { event.preventDefault(); zoom(scale * Math.exp(-event.deltaY / 300)); }, { passive: false });
  touch(stage);
  document.body.append(dialog);
  dialog.showModal();
}

function to(index) {
  const all = links();
  const link = all[index];
  if (!link) return;
  at = index;
  const [width, height] = link.dataset.size.split("x");
  const small = link.querySelector("picture img");
  const described = Boolean(link.parentElement.querySelector(".pic-alt"));
  const image = part("image");
  image.width = width;
  image.height = height;
  image.alt = small.alt;
  image.src = link.href;
  zoom(1);
  part("text").textContent = described ? small.alt : "";
  part("text").hidden = !described;
  part("count").textContent = all.length > 1 ? interpolate(gettext("%(number)s of %(all)s"), { number: index + 1, all: all.length }) : "";
  part("previous").hidden = index === 0;
  part("next").hidden = index === all.length - 1;
  const moves = link.parentElement.querySelector(".pic-gif");
  const save = part("save");
  save.href = moves || !link.dataset.jpeg ? link.href : link.dataset.jpeg;
  save.download = `picture-${id}-${index + 1}.${moves ? "webp" : "jpg"}`;
  for (const near of [all[index + 1], all[index - 1]]) if (near) new Image().src = near.href;
}
const turn = (step) => to(at + step);

function zoom(to, x = shift?.x ?? 0, y = shift?.y ?? 0) {
  scale = Math.min(Math.max(to, 1), MOST);
  const { offsetWidth, offsetHeight } = part("image");
  const free = (size, value) => Math.min(Math.max(value, -size * (scale - 1) / 2), size * (scale - 1) / 2);
  shift = { x: free(offsetWidth, x), y: free(offsetHeight, y) };
  part("image").style.transform = scale === 1 ? "" : `translate(${shift.x}px, ${shift.y}px) scale(${scale})`;
  dialog.classList.toggle("viewer-large", scale > 1);
}

function touch(stage) {
  const fingers = new Map();
  let start, pinch, tapped = 0;
  const apart = () => {
    const [one, two] = [...fingers.values()];
    return Math.hypot(one.x - two.x, one.y - two.y);
  };
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) pinch = { apart: apart(), scale };
    start = fingers.size === 1 ? { x: event.clientX, y: event.clientY, shift } : null;
  });
  stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pinch && fingers.size === 2) zoom(pinch.scale * apart() / pinch.apart);
    else if (start && scale > 1) zoom(scale, start.shift.x + event.clientX - start.x, start.shift.y + event.clientY - start.y);
    else if (start) part("image").style.transform = `translate(${event.clientX - start.x}px, ${Math.max(0, event.clientY - start.y)}px)`;
  });
  const end = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size < 2) pinch = null;
    if (!start) return;
    const [x, y] = [event.clientX - start.x, event.clientY - start.y];
    start = null;
    if (scale > 1 && Math.hypot(x, y) > 5) return;
    if (event.type === "pointerup" && Math.abs(x) > FAR && Math.abs(x) > Math.abs(y)) {
      zoom(1);
      turn((x < 0) !== backward() ? 1 : -1);
    } else if (event.type === "pointerup" && y > 2 * FAR) dialog.close();
    else if (Math.hypot(x, y) <= 5 && event.timeStamp - tapped < 350) { zoom(scale > 1 ? 1 : 2.5, 0, 0); tapped = 0; }
    else {
      zoom(scale);
      tapped = event.timeStamp;
      if (Math.hypot(x, y) <= 5 && event.target === stage && scale === 1) dialog.close();
    }
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
}

export function show(link) {
  id = link.closest(".gallery").dataset.gallery;
  if (!dialog) build();
  to([...link.closest(".gallery").querySelectorAll(".pic > a")].indexOf(link));
}
