from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class PostWritten(Event):
    """Created. Only its author can see it until review has decided."""

    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostPublished(Event):
    """Visible to others for the first time."""

    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostEdited(Event):
    post_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostHidden(Event):
    """Held, removed or deleted, so hidden from others. `by_author` if the author deleted it."""

    post_id: int
    author_id: int
    by_author: bool = False


@dataclass(frozen=True, kw_only=True)
class PostRestored(Event):
    """Visible to others again."""

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


@dataclass(frozen=True, kw_only=True)
class PollEnded(Event):
    """Emitted once for every few hundred voters. `author_id` is set in the first only, to tell the author once."""

    post_id: int
    author_id: int | None
    voter_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class PollChanged(Event):
    """The options changed, so votes were deleted. Emitted once for every few hundred of those who had voted."""

    post_id: int
    voter_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class PostReposted(Event):
    post_id: int
    author_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class RepostUndone(Event):
    post_id: int
    author_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class DraftNotSent(Event):
    """A scheduled post couldn't be sent, and stays as a draft with the reason."""

    draft_id: int
    author_id: int
