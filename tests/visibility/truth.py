"""Define who may see what, as a table of states and viewers and a few simple rules.

This file imports no model, queryset or `visible()`, so that it can't repeat their mistakes. `world.py` creates the
states, and `matrix.py` compares the rules with the responses of the site.

To add a state, add a line to STATES, the way into it to `world.py` (`hide`), and, if the rules below don't cover it, a
line to `may_read` or `may_know`. To add a viewer, add a line to VIEWERS and their rows to `world.py` (`_meet`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """The state of a post and its author.

    Unless it was never public, everyone liked, bookmarked, reported and replied to the post, and got messages from the
    author, before it was hidden.
    """

    name: str
    words: str
    post: str = "published"
    account: str = "open"
    private: bool = False
    visibility: str = "public"
    once_public: bool = True
    answers_hidden: bool = False
    alike: bool = False
    """Gives the same rights as another state, by the same conditions. Each viewer requests a third of the URLs of such
    a state, and every list.
    """

    @property
    def is_of_account(self) -> bool:
        """Whether it is a state of the account; the others are like "public" where no post is shown."""
        return self.post == "published" and self.visibility == "public" and not self.answers_hidden

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "")


STATES = [
    State("public", "published by an open, public account"),
    State("waiting", "pending review", post="waiting", once_public=False, alike=True),
    State("held", "held by review", post="held"),
    State("removed", "removed by a moderator", post="removed", alike=True),
    State("deleted", "deleted by its author", post="deleted"),
    State("closed", "its author was suspended", account="closed"),
    State(
        "leaving", "its author deleted the account, and the grace period runs", account="leaving", alike=True
    ),
    State("private", "its author was private from the beginning", private=True, once_public=False),
    State(
        "made private", "its author was made private after everyone had liked and bookmarked it", private=True
    ),
    State("made public", "its author was private and was made public", alike=True),
    State("private held", "held by review, of a private author", post="held", private=True, alike=True),
    State("unlisted", "for everyone, but in no list of everyone's posts", visibility="unlisted"),
    State(
        "followers only",
        "for followers of an open, public account",
        visibility="followers",
        once_public=False,
    ),
    State("mentioned only", "for the members it mentions", visibility="mentioned", once_public=False),
    State("answer", "a public reply to a post that is held", answers_hidden=True),
]


@dataclass(frozen=True)
class Viewer:
    """A viewer, with the same relation to every author."""

    name: str
    words: str
    is_guest: bool = False
    follows: bool = False
    named: bool = False
    """Is mentioned in every post."""
    apart: bool = False
    """One of the two blocks the other."""
    by_token: bool = False
    """Uses the API with a token instead of a cookie."""
    taste: bool = False
    """Has muted the author, so lists leave them out, but their own pages stay visible."""
    alike: bool = False
    """Has the same rights as the stranger or the follower. What leaks to one such viewer leaks to all, so each requests
    a third of the URLs, and every list.
    """
    moderates: bool = False
    is_author: bool = False


VIEWERS = [
    Viewer("anonymous", "not signed in", is_guest=True),
    Viewer("stranger", "a member without any relation to the author"),
    Viewer("follower", "follows the author", follows=True),
    Viewer("pending", "has requested to follow", alike=True),
    Viewer("removed", "followed the author, who removed them", alike=True),
    Viewer("refused", "requested to follow and was declined", alike=True),
    Viewer("mutual", "follows the author and is followed back", follows=True, alike=True),
    Viewer("mentioned", "is mentioned in the post", named=True, alike=True),
    Viewer("author", "wrote it", is_author=True),
    Viewer("blocked", "blocked by the author, whom they followed", apart=True),
    Viewer("blocker", "blocks the author, whom they followed", apart=True),
    Viewer("muted", "follows the author, who muted them", follows=True, alike=True),
    Viewer("muter", "follows the author and muted them", follows=True, taste=True),
    Viewer("suspended", "followed the author; their own account is closed, their session has ended", is_guest=True),
    Viewer("unconfirmed", "has not confirmed their address", alike=True),
    Viewer("token", "follows the author and uses an app's token", follows=True, by_token=True),
    Viewer("moderator", "sees hidden posts only on moderation pages, where access is logged",
           moderates=True, alike=True),
    Viewer("staff", "may use the admin, and sees no more than others elsewhere", alike=True),
]  # fmt: skip

GUEST = next(viewer for viewer in VIEWERS if viewer.is_guest)

VIEWERS_NOT_BUILT = {"a token without the scope": "tokens have no scopes yet"}


def present(state: State, viewer: Viewer) -> Viewer:
    """Return who the viewer is to the site: an author with a closed account is a visitor."""
    if viewer.is_author and state.account != "open":
        return GUEST
    return viewer


def may_know(state: State, viewer: Viewer) -> bool:
    """Return whether the author is visible to the viewer: name, picture, counts, and in lists of members.

    Not if the account is closed, or if one of the two blocks the other. A private account is visible to everyone.
    """
    if state.account != "open":
        return False
    return not viewer.apart


def may_read(state: State, viewer: Viewer) -> bool:
    """Return whether the post is visible to the viewer.

    Authors may read all their posts except deleted ones. Others may read published posts of visible authors, and those
    of private accounts or for followers only if they follow them. A follow request, a former follow, an earlier like, a
    mention or being a moderator doesn't make someone a follower. Posts for mentioned members are for those alone,
    whether they follow or not.
    """
    viewer = present(state, viewer)
    if viewer.is_author:
        return state.post != "deleted"
    if state.post != "published" or not may_know(state, viewer):
        return False
    if state.visibility == "mentioned":
        return viewer.named
    return viewer.follows or not (state.private or state.visibility == "followers")


def may_list(state: State, viewer: Viewer) -> bool:
    """Return whether lists of everyone's posts (explore, tags, trends, search) may show the viewer the post.

    Not even to its author if it is unlisted or for mentioned members.
    """
    return state.visibility in ("public", "followers") and may_read(state, viewer)


def may_follow_home(state: State, viewer: Viewer) -> bool:
    """Return whether the viewer's home may show the post: also because of a hashtag, if it may be listed."""
    is_own = present(state, viewer).is_author
    return may_list(state, viewer) or (may_read(state, viewer) and (viewer.follows or is_own))


def may_see_follows(state: State, viewer: Viewer) -> bool:
    """Return whether the viewer may see who the author follows and is followed by; if private, only followers may."""
    viewer = present(state, viewer)
    return viewer.is_author or (may_know(state, viewer) and (viewer.follows or not state.private))


def knows_as_blocker(state: State, viewer: Viewer) -> bool:
    """Return whether the viewer blocks the author, and so sees their name in the list of blocked members and on their
    profile, but nothing they wrote.
    """
    return viewer.name == "blocker" and state.account == "open"


def may_talk(state: State, viewer: Viewer) -> bool:
    """Return whether the conversation of the two is visible: while each is visible to the other."""
    return not viewer.is_guest and not viewer.is_author and may_know(state, viewer)


def finds(who: str, state: State, viewer: Viewer) -> bool:
    """Return whether the viewer must find the post in a list for `who` (manifest.py).

    Only published posts must be listed, and not to viewers who have muted the author.
    """
    if state.post != "published" or viewer.taste or not may_read(state, viewer):
        return False
    viewer = present(state, viewer)
    match who:
        case "readers":
            return True
        case "originals":
            return not state.answers_hidden
        case "followers":
            return viewer.follows or viewer.is_author
        case "keepers" | "likers":
            return not viewer.is_guest and not viewer.is_author and (state.once_public or viewer.follows)
    return False


WHAT_STAYS = """
What others may learn of a hidden post, on purpose: where somebody answered it, their reply says that what it answers is
not available (or was deleted), and carries its number in `in_reply_to` and `thread`; neither author nor words stand
there. Where somebody quoted it, the API says to those who may know its author that it was deleted. Numbers (likes,
replies, followers) are the same for everybody, and name nobody.
"""
