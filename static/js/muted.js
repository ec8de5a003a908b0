// Somebody was muted (HX-Trigger: {"muted": {"username": "bob"}}): what of theirs stands in the lists of this page goes at once.
// On their own pages it stays, and so does the post that the page is about. The next page is drawn without it by the site itself.
document.addEventListener("muted", ({ detail: { username } }) => {
  const home = `/@${username}`;
  if (location.pathname === home || location.pathname.startsWith(`${home}/`)) return;
  for (const name of document.querySelectorAll(`.post:not(.post-focus) .who-name[href="${home}"]`)) name.closest(".post").remove();
});
