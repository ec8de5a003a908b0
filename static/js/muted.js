// A member was muted (HX-Trigger: {"muted": {"username": "bob"}}): remove their posts from the lists of this page,
// except on their own pages and for the post that the page is about.
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
// Cards that were removed come back unfiltered (far.js).
document.addEventListener("kith:back", ({ target }) => leaveOut(target));
