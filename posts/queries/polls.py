"""The polls of some posts as one viewer sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Exists, OuterRef, Value

from accounts.models import Member
from posts.models import Poll, PollOption, Post, Vote


@dataclass(frozen=True, slots=True)
class ShownOption:
    index: int
    text: str
    votes: int | None
    """None while the viewer may not see the results."""
    percent: int
    """Of the voters, rounded. Zero while the viewer may not see the results."""
    chosen: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class ShownPoll:
    """A poll as one viewer sees it.

    Results are shown at the end, and before it to the author and to those who have voted, unless `hide_results`.
    """

    options: tuple[ShownOption, ...]
    multiple: bool
    hide_results: bool
    expires_at: datetime
    ended: bool
    voters_count: int
    own_choices: tuple[int, ...]
    shows_results: bool
    may_vote: bool
    """Whether the viewer could vote now, or could after signing in."""

    @property
    def voted(self) -> bool:
        return bool(self.own_choices)


def polls_of(posts: Iterable[Post], viewer: Member | None) -> Mapping[int, ShownPoll]:
    """Return post id → poll, of posts that the viewer may read. One query; none if no post has a poll."""
    with_poll = {post.id: post for post in posts if post.poll_text}
    if not with_poll:
        return {}
    chosen = (
        Value(False, BooleanField())
        if viewer is None
        else Exists(Vote.objects.filter(member=viewer, option=OuterRef("pk")))
    )
    options = PollOption.objects.filter(poll__in=with_poll).select_related("poll").annotate(chosen=chosen)
    of_poll: dict[int, list[PollOption]] = {}
    for option in options.order_by("poll", "index"):
        of_poll.setdefault(option.poll_id, []).append(option)
    return {
        post_id: _shown(options[0].poll, options, with_poll[post_id], viewer)
        for post_id, options in of_poll.items()
    }


def _shown(poll: Poll, options: list[PollOption], post: Post, viewer: Member | None) -> ShownPoll:
    own = tuple(option.index for option in options if option.chosen)  # type: ignore[attr-defined]
    is_author = viewer is not None and viewer.pk == post.author_id
    shows_results = poll.has_ended or (bool(own or is_author) and not poll.hide_results)
    most = max(option.votes_count for option in options)
    return ShownPoll(
        options=tuple(
            ShownOption(
                index=option.index,
                text=option.text,
                votes=option.votes_count if shows_results else None,
                percent=round(100 * option.votes_count / max(poll.voters_count, 1)) if shows_results else 0,
                chosen=option.index in own,
                leads=shows_results and option.votes_count == most > 0,
            )
            for option in options
        ),
        multiple=poll.is_multiple,
        hide_results=poll.hide_results,
        expires_at=poll.expires_at,
        ended=poll.has_ended,
        voters_count=poll.voters_count,
        own_choices=own,
        shows_results=shows_results,
        may_vote=post.is_published and not (poll.has_ended or own or is_author),
    )
