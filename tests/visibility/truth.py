"""Who may see what, in words, and as the plain rules that follow from them.

This file is the judge and knows nothing of the accused: it imports no model, no queryset and no `visible()`. It says
what must be; `world.py` brings it about, and `matrix.py` compares with what the site answers.

To add a state: a line in STATES, how it comes about in `world.py` (`hide`), and, if it follows another rule than those
below, a line in `may_read` or `may_know`. To add a viewer: a line in VIEWERS, and their rows in `world.py`
(`_relate`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """What has become of a post and of its author. All but those that never were public were so once: everybody liked,
    kept, answered and reported the post, the author wrote to everybody, and only then it was hidden.
    """

    name: str
    words: str
    post: str = "published"
    account: str = "open"
    private: bool = False
    once_public: bool = True
    answers_hidden: bool = False

    @property
    def is_of_account(self) -> bool:
        """Tells something of the account: where no post is shown, the other states are all like "public"."""
        return self.post == "published" and not self.answers_hidden

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "")


STATES = [
    State("public", "published by an open, public account"),
    State("waiting", "waits for review", post="waiting", once_public=False),
    State("held", "held by review", post="held"),
    State("removed", "removed by a moderator", post="removed"),
    State("deleted", "deleted by its author", post="deleted"),
    State("closed", "its author was suspended", account="closed"),
    State("leaving", "its author asked to be deleted, and is in the days of grace", account="leaving"),
    State("private", "its author was private from the beginning", private=True, once_public=False),
    State("made private", "its author turned private after all had liked and kept it", private=True),
    State("made public", "its author was private and is no more"),
    State("private held", "held by review, of a private author", post="held", private=True),
    State("answer", "a public reply to a post that is held", answers_hidden=True),
]

STATES_NOT_BUILT = {
    "unlisted": "posts have no visibility of their own yet (issue on writing)",
    "followers only": "as above",
    "mentioned only": "as above",
    "draft": "drafts are not built yet",
}
"""They join the day Post has such a field (test_truth.py)."""


@dataclass(frozen=True)
class Viewer:
    """Who looks, and how they stand to every author at once."""

    name: str
    words: str
    is_guest: bool = False
    follows: bool = False
    apart: bool = False
    """A block, by either side, stands between the two."""
    by_token: bool = False
    """Comes by the API with a token, not with a cookie."""
    taste: bool = False
    """Has muted the author: finds them in no list, and yet reads at their address what they may read."""
    alike: bool = False
    """Nothing but their story tells them from the stranger, or from the follower: whatever leaks to one of these leaks
    to all of them, so each of them tries a third of the addresses, and every list.
    """
    moderates: bool = False
    is_author: bool = False


VIEWERS = [
    Viewer("anonymous", "nobody is signed in", is_guest=True),
    Viewer("stranger", "a member who has nothing to do with the author"),
    Viewer("follower", "follows the author", follows=True),
    Viewer("pending", "asked to follow, and waits", alike=True),
    Viewer("removed", "followed the author, who took them off the list", alike=True),
    Viewer("refused", "asked to follow, and was refused", alike=True),
    Viewer("mutual", "follows the author and is followed", follows=True, alike=True),
    Viewer("mentioned", "is named in the post", alike=True),
    Viewer("author", "wrote it", is_author=True),
    Viewer("blocked", "blocked by the author, whom they followed", apart=True),
    Viewer("blocker", "blocks the author, whom they followed", apart=True),
    Viewer("muted", "follows the author, who muted them", follows=True, alike=True),
    Viewer("muter", "follows the author and muted them", follows=True, taste=True),
    Viewer("suspended", "followed the author; their own account was closed, their cookie is dead", is_guest=True),
    Viewer("unconfirmed", "has not confirmed their address", alike=True),
    Viewer("token", "follows the author and comes with an app's token", follows=True, by_token=True),
    Viewer("moderator", "reads what is hidden in the moderators' pages, where looking is logged, and nowhere else",
           moderates=True, alike=True),
    Viewer("staff", "may use the administration, and sees no more elsewhere than others", alike=True),
]  # fmt: skip

VIEWERS_NOT_BUILT = {"a token without the scope": "tokens have no scopes yet"}


def present(state: State, viewer: Viewer) -> Viewer:
    """Who the viewer is for the site: an author whose account is closed is signed in nowhere."""
    if viewer.is_author and state.account != "open":
        return next(guest for guest in VIEWERS if guest.is_guest)
    return viewer


def may_know(state: State, viewer: Viewer) -> bool:
    """Whether the author is there for the viewer at all: name, picture, numbers, being in lists of people.

    Not when the account is closed, nor when a block stands between the two. A private account is there for everybody.
    """
    if state.account != "open":
        return False
    return not viewer.apart


def may_read(state: State, viewer: Viewer) -> bool:
    """Whether the post is there for the viewer.

    Authors read all of theirs but what they deleted. Others read what is published by somebody of whom they may know,
    and of a private account only as a follower. Asking to follow, having followed, having liked the post before or
    being named in it does not make a follower; neither does being a moderator.
    """
    viewer = present(state, viewer)
    if viewer.is_author:
        return state.post != "deleted"
    if state.post != "published" or not may_know(state, viewer):
        return False
    return viewer.follows or not state.private


def may_see_follows(state: State, viewer: Viewer) -> bool:
    """Whether the viewer may read whom the author follows, and who follows the author: of a private account only its
    followers may, as with the posts.
    """
    viewer = present(state, viewer)
    return viewer.is_author or (may_know(state, viewer) and (viewer.follows or not state.private))


def knows_as_blocker(state: State, viewer: Viewer) -> bool:
    """Whom one blocked oneself one finds among those whom one blocked, and at their address the way back: the name, and
    nothing they wrote.
    """
    return viewer.name == "blocker" and state.account == "open"


def may_talk(state: State, viewer: Viewer) -> bool:
    """Whether the conversation of the two is there: as long as each is there for the other."""
    return not viewer.is_guest and not viewer.is_author and may_know(state, viewer)


def finds(who: str, state: State, viewer: Viewer) -> bool:
    """Whether the viewer must come upon the post in a list that is made for `who` (manifest.py).

    Only what is published is in lists for sure, and for whoever muted the author it is not.
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
there. Numbers (likes, replies, followers) are the same for everybody, and name nobody.
"""
