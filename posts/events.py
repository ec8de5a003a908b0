from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class PostWritten(Event):
    """Written, and so far its author's only: review decides when others see it."""

    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostPublished(Event):
    """Others see it for the first time."""

    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostEdited(Event):
    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostHidden(Event):
    """Held or removed: others see it no more. `by_author` when the author deleted it."""

    post_id: int
    author_id: int
    by_author: bool = False


@dataclass(frozen=True, kw_only=True)
class PostRestored(Event):
    """Others see it again."""

    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostLiked(Event):
    post_id: int
    author_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class PostUnliked(Event):
    post_id: int
    author_id: int
    member_id: int
