// Somebody was muted (HX-Trigger: {"muted": {"username": "bob"}}): what of theirs stands in the lists of this page goes at once.
// On their own pages it stays, and so does the post that the page is about. The next page is drawn without it by the site itself.
const homes = new Set();

function leaveOut(root) {
  for (const home of homes) {
    for (const name of root.querySelectorAll(`.who-name[href="${home}"]`)) name.closest(".post:not(.post-focus)")?.remove();
  }
}

document.addEventListener("muted", ({ detail: { username } }) => {
  const home = `/@${username}`;
  if (location.pathname === home || location.pathname.startsWith(`${home}/`)) return;
  homes.add(home);
  leaveOut(document);
});
// What was far away comes back as it was (far.js).
document.addEventListener("kith:back", ({ target }) => leaveOut(target));
