"""Compute the trends every few minutes (config/schedule.py). They are read from the table Trend.

The score is that of Hacker News, (points − 1) / (age in hours + 2)^gravity, as in its published source (news.arc of Arc
3.1, where the gravity is 1.8). The gravity here is 1.5, so a trend lives a little longer. Here

- a *point* is a member, never a post or a click: for a hashtag, whoever used it; for a post, whoever liked it or
  replied to it, except its author. One loud account is one point;
- the window is the last 24 hours, for the use of the hashtag and for the age of the post;
- the *age* of a hashtag is the time since its first use within the window, so one that is always used is old and a new
  one is young; the age of a post is the time since it was published;
- fewer than three members are not a trend;
- *points* are weighted: a new account counts less than a known one (moderation.queries.standing), so three new accounts
  can’t reach the top. What mostly new accounts support waits for a moderator, and what a moderator hides stays hidden.
  The number of people shown isn’t weighted.
"""

import heapq
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet
from django.utils import timezone

from core.ids import id_at, time_of
from feed.models import Trend
from feed.queries.trending import SIDEBAR_KEY, sidebar_muted_key
from moderation.actions import submit_trends_for_review
from moderation.queries import Supporters, is_known_supporter, is_recent_supporter, trend_standing
from posts.models import Like, Post, PostTag

WINDOW = timedelta(hours=24)
GRAVITY = 1.5
MIN_PEOPLE = 3
MAX_TRENDS = 20
MAX_COUNTED_POSTS = 200
"""How many posts, chosen by an upper bound of their score, have their supporters counted."""


def score(points: float, age: timedelta) -> float:
    hours = max(age.total_seconds(), 0) / 3600
    return float((points - 1) / (hours + 2) ** GRAVITY)


def compute_trends(*, now: datetime | None = None) -> list[Trend]:
    """Replace the trends. Readers see the old or the new ones, never none."""
    now = now or timezone.now()
    standing = trend_standing()
    tags = _Selection(standing.allowed_tags, standing.hidden_tags, _tags(now), now)
    posts = _Selection(standing.allowed_posts, standing.hidden_posts, _posts(now), now)
    rows = _ranked(Trend.Kind.TAG, tags.trending, now) + _ranked(Trend.Kind.POST, posts.trending, now)
    submit_trends_for_review(tags=tags.needs_review, posts=posts.needs_review)
    with transaction.atomic():
        # Upserts, rank by rank: two runs at the same moment don’t deadlock.
        Trend.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "rank"],
            update_fields=["tag", "post", "count", "score", "computed_at"],
        )
        for kind in Trend.Kind:
            kept = sum(row.kind == kind for row in rows)
            Trend.objects.filter(kind=kind, rank__gt=kept).delete()
        transaction.on_commit(lambda: cache.delete(SIDEBAR_KEY))
    return rows


def remove_from_trends(*, post_id: int | None = None, author_id: int | None = None) -> None:
    """Remove a hidden post, or all posts of an author, from the trends, and hashtags that too few others use.

    Update the number of people of the hashtags that stay.
    """
    hidden = {"post_id": post_id} if post_id is not None else {"post__author": author_id}
    with transaction.atomic():
        Trend.objects.filter(kind=Trend.Kind.POST, **hidden).delete()
        trending = Trend.objects.filter(kind=Trend.Kind.TAG)
        # All of them are counted again: a deleted post no longer has its hashtags.
        now, allowed = timezone.now(), trend_standing().allowed_tags
        people = {
            tag_id: supporters.people
            for tag_id, supporters, _first in _tags(now, among=trending.values("tag"))
            if tag_id in allowed or not supporters.needs_review
        }
        trending.exclude(tag__in=people).delete()
        for trend in trending:
            if trend.count != people[trend.tag_id]:
                trending.filter(pk=trend.pk).update(count=people[trend.tag_id])
        transaction.on_commit(lambda: cache.delete(SIDEBAR_KEY))


Counted = tuple[int, Supporters, datetime]  # which tag or post, by whom, since when
Scored = tuple[float, int, int]  # score, id, people


class _Selection:
    """Divides what enough members support into what trends and what a moderator must review first."""

    def __init__(
        self, allowed: Collection[int], hidden: Collection[int], found: Iterable[Counted], now: datetime
    ) -> None:
        self.trending: list[Scored] = []
        asked: list[Scored] = []
        for which, supporters, since in found:
            if which in hidden:
                continue
            if which in allowed or not supporters.needs_review:
                # What a moderator allowed counts at least as much as the smallest trend.
                points = max(supporters.weight, float(MIN_PEOPLE)) if which in allowed else supporters.weight
                self.trending.append((score(points, now - since), which, supporters.people))
            else:
                asked.append((score(supporters.people, now - since), which, supporters.people))
        self.needs_review = {which: people for _score, which, people in heapq.nlargest(MAX_TRENDS, asked)}
        """Those that would be at the top if all accounts counted alike."""


def refresh_sidebar(*, member_id: int) -> None:
    """Clear the cached muted words of a member, so that their sidebar follows the change."""
    transaction.on_commit(lambda: cache.delete(sidebar_muted_key(member_id)))


def _ranked(kind: Trend.Kind, found: Sequence[Scored], now: datetime) -> list[Trend]:
    best = heapq.nlargest(MAX_TRENDS, found)
    return [
        Trend(
            kind=kind,
            rank=rank,
            tag_id=which if kind == Trend.Kind.TAG else None,
            post_id=which if kind == Trend.Kind.POST else None,
            count=people,
            score=points,
            computed_at=now,
        )
        for rank, (points, which, people) in enumerate(best, start=1)
    ]


def _recent_posts(now: datetime) -> "QuerySet[Post]":
    """Return what everyone finds in lists within the window."""
    return (
        Post.objects.visible_to(None)
        .listed()
        .filter(id__gte=id_at(now - WINDOW, salt=0), id__lt=id_at(now, salt=0))
    )


def _counted(member: str, now: datetime) -> dict[str, Count]:
    """Return aggregates: how many members this path leads to, and how many of them are known or recent supporters."""
    return {
        "people": Count(member, distinct=True),
        "known": Count(member, distinct=True, filter=is_known_supporter(member, now)),
        "recent": Count(member, distinct=True, filter=is_recent_supporter(member, now)),
    }


def _tags(now: datetime, *, among: "QuerySet[Any, Any] | None" = None) -> list[Counted]:
    uses = PostTag.objects.filter(post__in=_recent_posts(now))
    if among is not None:
        uses = uses.filter(tag__in=among)
    by_tag: Any = uses.values("tag_id").annotate(**_counted("post__author", now), first=Min("post_id"))
    used = by_tag.filter(people__gte=MIN_PEOPLE).values_list("tag_id", "people", "known", "recent", "first")
    return [
        (tag_id, Supporters(known, recent, people - known - recent), time_of(first))
        for tag_id, people, known, recent, first in used
    ]


def _posts(now: datetime) -> list[Counted]:
    recent = (
        _recent_posts(now)
        .annotate(touches=F("likes_count") + F("replies_count"))
        .filter(touches__gte=MIN_PEOPLE)
        .values_list("id", "touches")
    )
    # Likes and replies are an upper bound for the number of members behind them.
    likely = heapq.nlargest(
        MAX_COUNTED_POSTS, ((score(touches, now - time_of(i)), i) for i, touches in recent)
    )
    supporters = _supporters_by_post([post_id for _, post_id in likely], now)
    return [
        (post_id, supporters[post_id], time_of(post_id))
        for _, post_id in likely
        if supporters[post_id].people >= MIN_PEOPLE
    ]


def _supporters_by_post(post_ids: Sequence[int], now: datetime) -> dict[int, Supporters]:
    """Count who liked or replied to each post, once each, without its author."""
    counts = {post_id: [0, 0, 0] for post_id in post_ids}
    liked_too = Like.objects.filter(post=OuterRef("in_reply_to"), member=OuterRef("author"))
    likers = Like.objects.filter(post__in=post_ids, member__is_active=True).exclude(member=F("post__author"))
    answers = (
        Post.objects.visible_to(None)
        .filter(in_reply_to__in=post_ids)
        .exclude(author=F("in_reply_to__author"))
        .exclude(Exists(liked_too))
    )
    for rows, post, member in ((likers, "post_id", "member"), (answers, "in_reply_to_id", "author")):
        for post_id, *numbers in rows.order_by().values_list(post).annotate(**_counted(member, now)):
            counts[post_id] = [a + b for a, b in zip(counts[post_id], numbers, strict=True)]
    return {
        post_id: Supporters(known, recent, people - known - recent)
        for post_id, (people, known, recent) in counts.items()
    }
