"""The counters of posts, and how they change when an account closes, opens, or turns private or public."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Greatest

from accounts.models import Member
from core.counters import Counter
from posts.models import FOR_EVERYONE, Bookmark, Like, Poll, PollOption, Post, Repost, Vote

CHUNK = 1000


def _published() -> "QuerySet[Post]":
    return Post.objects.filter(state=Post.State.PUBLISHED, visibility__in=FOR_EVERYONE)


def _replies_for_anyone() -> "QuerySet[Post]":
    return Post.objects.visible_to(None)


def _quotes() -> "QuerySet[Post]":
    return Post.objects.visible_to(None).filter(quote_revoked=False)


def _likes() -> "QuerySet[Like]":
    return Like.objects.filter(member__is_active=True)


def _reposts() -> "QuerySet[Repost]":
    return Repost.objects.visible_to(None)


def _bookmarks() -> "QuerySet[Bookmark]":
    return Bookmark.objects.filter(member__is_active=True)


def _votes() -> "QuerySet[Vote]":
    return Vote.objects.filter(member__is_active=True)


def _voters() -> "QuerySet[Vote]":
    return _votes().filter(place=0)


COUNTERS = [
    Counter(Post, "likes_count", _likes, by="post"),
    Counter(Post, "quotes_count", _quotes, by="quote_of"),
    Counter(Post, "reposts_count", _reposts, by="post"),
    Counter(Post, "bookmarks_count", _bookmarks, by="post"),
    Counter(Post, "replies_count", _replies_for_anyone, by="in_reply_to"),
    Counter(PollOption, "votes_count", _votes, by="option"),
    Counter(Poll, "voters_count", _voters, by="poll"),
    # The author's own count, also while the account is closed or private: those who may read the posts see it.
    Counter(Member, "posts_count", _published, by="author"),
]


def count_posts_of(before: Member, after: Member) -> None:
    """Update the counters of posts that the member likes, reposts, bookmarks, quotes, replied to or voted in. Needs the
    member's row locked.
    """
    reactions = int(after.is_active) - int(before.is_active)
    replies = reposts = int(after.is_public) - int(before.is_public)
    liked = Like.objects.filter(member=after).values_list("post_id", flat=True)
    reposted = Repost.objects.filter(member=after).values_list("post_id", flat=True)
    bookmarked = Bookmark.objects.filter(member=after).values_list("post_id", flat=True)
    answered = _published().filter(author=after, in_reply_to__isnull=False)
    quoting = _published().filter(author=after, quote_of__isnull=False, quote_revoked=False)
    affected = []
    if reactions:
        affected += [liked, bookmarked]
    if replies:
        affected += [
            answered.values_list("in_reply_to_id", flat=True),
            quoting.values_list("quote_of_id", flat=True),
            reposted,
        ]
    if not affected:
        return
    locked = Post.objects.filter(pk__in=affected[0].union(*affected[1:], all=True)).locked()
    list(locked.values_list("pk", flat=True))
    # Read again now that they are locked: a post may have been deleted meanwhile, and its likes with it.
    if reactions:
        _add(Post.objects.filter(pk__in=liked), likes_count=reactions)
        _add(Post.objects.filter(pk__in=bookmarked), bookmarks_count=reactions)
    if reposts:
        _add(Post.objects.filter(pk__in=reposted), reposts_count=reposts)
    if replies:
        _add_for_each(answered, "in_reply_to_id", "replies_count", replies)
        _add_for_each(quoting, "quote_of_id", "quotes_count", replies)
    if reactions:
        _count_votes_of(after, reactions)


def _add_for_each(posts: "QuerySet[Post]", by: str, counter: str, step: int) -> None:
    """Add `step` to the counter of another post for each of these that refers to it."""
    numbers = posts.order_by().values_list(by).annotate(n=Count("pk"))
    with_number: defaultdict[int, list[int]] = defaultdict(list)
    for other_id, number in numbers:
        with_number[number].append(other_id)
    for number, ids in with_number.items():
        for start in range(0, len(ids), CHUNK):
            some = Post.objects.filter(pk__in=ids[start : start + CHUNK])
            _add(some, **{counter: step * number})


def _count_votes_of(member: Member, step: int) -> None:
    """Add the member's votes to the counts of their polls, or subtract them. Polls are locked after posts."""
    votes = Vote.objects.filter(member=member)
    polls = Poll.objects.filter(pk__in=votes.values("poll")).order_by("pk")
    # Ids first: a poll whose options were changed meanwhile has lost the votes.
    ids = list(polls.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    if ids:
        voted = votes.filter(poll__in=ids)
        _add(PollOption.objects.filter(pk__in=voted.values("option")), votes_count=step)
        _add(Poll.objects.filter(pk__in=voted.values("poll")), voters_count=step)


def _add(posts: "QuerySet[Any]", **steps: int) -> None:
    # Never below zero: a wrong count must not keep anyone from closing their account. `recount` corrects it.
    posts.update(**{name: Greatest(F(name) + step, 0) for name, step in steps.items()})
