"""What a viewer has muted: the one place that decides which posts lists leave out or show behind a warning.

Muting isn't permission (`posts.models.visible`): a muted post still opens at its own address. Muted members are left
out in SQL (`exclude_muted_authors`); muted words are matched in Python, in what a query returned (`MuteFilter.apply`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, encode_cursor, filled
from posts.models import Post, ThreadMute
from posts.quoting import load_quoted
from social.queries import MuteAction, MutedWordMatcher, Place, active_muted_words, muted_ids


@dataclass(slots=True)
class MuteFilter(MutedWordMatcher):
    """A viewer's muted words, applied to posts."""

    viewer: Member | None = None

    def apply(self, posts: Iterable[Post], place: Place) -> list[Post]:
        """Return the posts without those to be hidden. Sets `filtered_word` on those to be shown behind a warning."""
        posts = list(posts)
        if not self.words:
            return posts
        load_quoted(posts, self.viewer)
        kept = []
        for post in posts:
            verdict = self.verdict(self._words(post), post.author_id, place)
            if verdict.action is not MuteAction.HIDE:
                post.filtered_word = verdict.word
                kept.append(post)
        return kept

    def mark(self, posts: Iterable[Post], place: Place | None = None) -> None:
        """Set `filtered_word` also on posts that `apply` would hide, for lists that may have no gaps."""
        posts = list(posts)
        if self.words:
            load_quoted(posts, self.viewer)
        for post in posts:
            word = self.verdict(self._words(post), post.author_id, place).word
            post.filtered_word = word or post.filtered_word

    def _words(self, post: Post) -> str:
        """Return what the post says, with what it quotes of others."""
        quoted = post.quoted.post if post.quoted else None
        if quoted is None or quoted.author_id == self.viewer_id:
            return post.words
        return f"{post.words}\n{quoted.words}"


def mute_filter_for(viewer: Member | None) -> MuteFilter:
    """Return the viewer's filter, in one query; in none for a guest."""
    return (
        MuteFilter()
        if viewer is None
        else MuteFilter(viewer.pk, list(active_muted_words(viewer)), viewer=viewer)
    )


def filtered_page(
    fetch: Callable[[str | None, int], Page[Post]],
    viewer: Member | None,
    place: Place,
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page[Post]:
    """Return a full page of posts after filtering. `fetch(cursor, size)` returns pages in the order of their places
    (Post.place).
    """
    mute_filter = mute_filter_for(viewer)
    return filled(
        fetch,
        lambda posts: mute_filter.apply(posts, place),
        cursor=cursor,
        cursor_of=lambda post: encode_cursor([post.place]),
        size=size,
    )


def exclude_muted_authors(posts: "QuerySet[Post]", viewer: Member | None) -> "QuerySet[Post]":
    return posts if viewer is None else posts.exclude(author__in=muted_ids(viewer))


def exclude_orphaned_replies(posts: "QuerySet[Post]", viewer: Member | None) -> "QuerySet[Post]":
    """Leave out replies whose parent the viewer may not see, and replies by others to muted members: in a feed they
    would be half of a conversation.
    """
    parents = Post.objects.visible_to(viewer).filter(pk=OuterRef("in_reply_to_id"))
    not_muted = parents.exclude(author__in=muted_ids(viewer))
    own = Q(author=viewer) & Q(Exists(parents))
    return posts.filter(Q(in_reply_to=None) | Q(Exists(not_muted)) | own)


def by_muted_author(viewer: Member | None) -> Q:
    return Q(author__in=muted_ids(viewer))


def has_muted_thread(member: Member, post: Post) -> bool:
    """Return whether `member` has muted the thread that the post is part of."""
    return ThreadMute.objects.filter(member=member, root=post.root_id or post.pk).exists()
