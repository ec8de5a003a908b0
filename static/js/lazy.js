// Loads on demand what most visits don’t need: long lists, hover cards, files, pull to refresh.
const MANY = 20; // cards: a first page
const CARDS = ".stream :is(.post, .note-row, .person)";

let far;
function loadFar() {
  far ??= import("kith/far").catch(() => { far = undefined; });
}
const isLong = () => document.querySelectorAll(CARDS).length > MANY;
document.addEventListener("htmx:after:process", () => { if (!far && isLong()) loadFar(); });
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward" || isLong()) loadFar();

const loadFocus = () => import("kith/focus").catch(() => {});
for (const type of ["keydown", "pointerdown"]) addEventListener(type, loadFocus, { once: true });
addEventListener("load", () => import("kith/share").catch(() => {}));

if (document.querySelector("[data-back]")) import("kith/thread").catch(() => {});

// When the module is loaded, dispatch the last event again if the pointer or focus is still on the name.
const ENDS = { pointerover: "pointerout", pointerdown: "pointerup", focusin: "focusout" };
let hovercard;
let latest = null;
function begins(event) {
  if (!event.target.closest?.('a[href^="/@"]')) return;
  latest = event;
  hovercard ??= import("kith/hovercard").then(
    () => {
      listen("removeEventListener");
      latest?.target.dispatchEvent(new latest.constructor(latest.type, latest));
    },
    () => { hovercard = undefined; },
  );
}
function ends({ type }) {
  if (latest && (ENDS[latest.type] === type || type === "pointercancel")) latest = null;
}
function listen(how) {
  for (const [begin, end] of Object.entries(ENDS)) {
    document[how](begin, begins);
    document[how](end, ends);
  }
  document[how]("pointercancel", ends);
}
listen("addEventListener");

if (matchMedia("(pointer: coarse)").matches && document.querySelector("[data-refresh]")) import("kith/pull").catch(() => {});

if (!CSS.supports("field-sizing", "content")) import("kith/autosize").catch(() => {});

const NEEDED = { files: 'input[type="file"]', gallery: "[data-gallery], .media-grid" };
function loadNeeded() {
  for (const [name, selector] of Object.entries(NEEDED)) {
    if (!document.querySelector(selector)) continue;
    delete NEEDED[name];
    import(`kith/${name}`).catch(() => { NEEDED[name] = selector; });
  }
}
document.addEventListener("htmx:after:process", loadNeeded);
loadNeeded();

// The composer: its options, once it is used or has some to restore.
let composer;
const loadComposer = () => (composer ??= import("kith/composer").catch(() => { composer = undefined; }));
const isComposer = ({ target }) => target.closest?.('[data-composer], [data-shortcut="n"]');
for (const type of ["focusin", "pointerdown", "dragenter"]) document.addEventListener(type, (event) => isComposer(event) && loadComposer());
document.addEventListener("click", async ({ target }) => {
  const tool = target.closest?.("[data-tool]");
  if (tool) (await loadComposer())?.useTool(tool);
});
if (document.querySelector("[data-parts]") || Object.keys(localStorage).some((key) => key.endsWith(":choices"))) loadComposer();
