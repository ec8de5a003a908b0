"""What a viewer does not want to meet: the one place that decides. A matter of taste, not of permission (`visible`):
what is muted can still be opened by its address, but lists leave it out or cover it.

People are left out in SQL (`not_muted`), words are looked for in what a query brought (`Quiet.sift`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, encode_cursor, filled
from posts.models import Post, ThreadMute
from social.queries import Act, MutedWords, Place, muted_ids, words_muted_by


@dataclass(slots=True)
class Quiet(MutedWords):
    """A viewer's muted words, to be looked for in posts."""

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


def quiet_of(viewer: Member | None) -> Quiet:
    """In one query; in none for a guest."""
    return Quiet() if viewer is None else Quiet(viewer.pk, list(words_muted_by(viewer)))


def sifted(
    fetch: Callable[[str | None, int], Page[Post]],
    viewer: Member | None,
    place: Place,
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page[Post]:
    """A full page of what is left of the pages that `fetch(cursor, size)` gives in the order of ids."""
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


def whole_conversations(posts: "QuerySet[Post]", viewer: Member | None) -> "QuerySet[Post]":
    """Without what others answered muted people, nor what anyone answered to a post that the viewer may not see: for
    where one half of a conversation would stand alone.
    """
    answered = Post.objects.visible_to(viewer).filter(pk=OuterRef("in_reply_to_id"))
    heard = answered.exclude(author__in=muted_ids(viewer))
    own = Q(author=viewer) & Q(Exists(answered))
    return posts.filter(Q(in_reply_to=None) | Q(Exists(heard)) | own)


def by_muted(viewer: Member | None) -> Q:
    """Of a post: whether somebody muted wrote it."""
    return Q(author__in=muted_ids(viewer))


def has_muted_thread(member: Member, post: Post) -> bool:
    """Whether `member` wants to hear no more of the conversation that the post is part of."""
    return ThreadMute.objects.filter(member=member, root=post.root_id or post.pk).exists()
