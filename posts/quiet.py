"""What a viewer does not want to meet: the one place that decides. A matter of taste, not of permission (`visible`):
what is muted can still be opened by its address, but lists leave it out or cover it.

People are left out in SQL (`not_muted`), words are looked for in what a query brought (`Quiet.sift`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, encode_cursor, filled
from core.words import Phrases
from posts.models import Post, ThreadMute
from social.models import Mute, MutedWord
from social.queries import muted_ids, words_muted_by

Place = Literal["home", "notifications", "threads", "search"]


class Act(StrEnum):
    SHOW = "show"
    WARN = "warn"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a post in a place; `word` is the muted word as its owner wrote it."""

    act: Act = Act.SHOW
    word: str = ""


SHOWN = Verdict()


@dataclass(slots=True)
class Quiet:
    """A viewer's muted words, ready to be looked for."""

    viewer_id: int = 0
    words: list[MutedWord] = field(default_factory=list)
    _phrases: dict[str, Phrases[MutedWord]] = field(default_factory=dict)

    def verdict(self, text: str, author_id: int, place: Place | None) -> Verdict:
        """Of a text by somebody in a place; None for wherever. Hiding wins over warning; one's own is always shown."""
        if not self.words or author_id == self.viewer_id:
            return SHOWN
        found = self._in(place).found_in(text)
        if not found:
            return SHOWN
        word = next((word for word in found if word.act == MutedWord.Act.HIDE), found[0])
        return Verdict(Act(word.act), word.text)

    def sift(self, posts: Iterable[Post], place: Place) -> list[Post]:
        """Without what is to be left out; what is to be covered gets its `veil`."""
        if not self.words:
            return list(posts)
        kept = []
        for post in posts:
            verdict = self.verdict(post.text, post.author_id, place)
            if verdict.act is not Act.HIDE:
                post.veil = verdict.word
                kept.append(post)
        return kept

    def cover(self, posts: Iterable[Post], place: Place | None = None) -> None:
        """What would be left out is covered as well: for where something must stand."""
        for post in posts:
            post.veil = self.verdict(post.text, post.author_id, place).word or post.veil

    def _in(self, place: Place | None) -> Phrases[MutedWord]:
        key = place or ""
        if key not in self._phrases:
            words = [word for word in self.words if place is None or place in word.places]
            self._phrases[key] = Phrases((word.folded, word) for word in words)
        return self._phrases[key]


def quiet_of(viewer: Member | None) -> Quiet:
    """In one query; in none for a guest."""
    return Quiet() if viewer is None else Quiet(viewer.pk, list(words_muted_by(viewer)))


def sifted(
    fetch: Callable[[str | None], Page[Post]],
    viewer: Member | None,
    place: Place,
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page[Post]:
    """A page, as full as may be, of what is left of the pages that `fetch(cursor)` gives in the order of ids."""
    quiet = quiet_of(viewer)
    return filled(
        fetch,
        lambda posts: quiet.sift(posts, place),
        cursor=cursor,
        cursor_of=lambda post: encode_cursor([post.id]),
        size=size,
    )


def not_muted(posts: "QuerySet[Post]", viewer: Member | None) -> "QuerySet[Post]":
    """Without what muted people wrote."""
    return posts if viewer is None else posts.exclude(author__in=muted_ids(viewer))


def not_to_muted(posts: "QuerySet[Post]", viewer: Member | None) -> "QuerySet[Post]":
    """Without what others answered them, either: for where one half of a conversation would stand alone."""
    if viewer is None:
        return posts
    to_muted = Mute.objects.running().filter(muter=viewer, muted=OuterRef("in_reply_to__author_id"))
    return posts.filter(Q(in_reply_to=None) | Q(author=viewer) | ~Exists(to_muted))


def by_muted(viewer: Member | None) -> Q:
    """Of a post: whether somebody muted wrote it."""
    return Q(author__in=muted_ids(viewer))


def has_muted_thread(member: Member, post: Post) -> bool:
    """Whether `member` wants to hear no more of the conversation that the post is part of."""
    return ThreadMute.objects.filter(member=member, root=post.root_id or post.pk).exists()
