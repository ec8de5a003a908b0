// A reply's page opens with the reply in view (#post-42), and [data-back] goes back to the previous page.
const post = document.querySelector(".post-focus");
const isNew = performance.getEntriesByType("navigation")[0]?.type === "navigate";
if (isNew && !location.hash && document.querySelector('[data-thread="above"] ~ .post-focus')) {
  post.scrollIntoView({ behavior: "instant" });
  post.focus({ preventScroll: true });
}

const from = document.referrer && new URL(document.referrer);
const DONE_WITH = /^\/(accounts|posts\/\d+)\//; // signing in, editing
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-back]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (from?.origin !== location.origin || from.pathname === location.pathname || DONE_WITH.test(from.pathname)) return;
  event.preventDefault();
  history.back();
});
