"""What is being talked about, computed every few minutes (config/schedule.py) and read from the table Trend.

The score is that of Hacker News, (points − 1) / (age in hours + 2)^gravity, as its published source has it (news.arc of
Arc 3.1, where the gravity is 1.8); the gravity here is 1.5, under which a trend lives a little longer. Here

- a *point* is a person, never a post or a click: for a tag, whoever used it; for a post, whoever liked or answered it
  and did not write it. One loud account is one point;
- the window is the last 24 hours, for the use of the tag and for the age of the post;
- the *age* of a tag is the time since its first use within the window, so that a tag that is always there is old and
  a new one is young; the age of a post is the time since it was published;
- fewer than three people are not a trend;
- *points* are weighed: a new account counts less than a known one (moderation.queries.standing), so three fresh
  accounts put nothing on top. What hardly anyone but new accounts carries waits until a moderator has looked at it, and
  what a moderator keeps out of the trends stays out. The number of people that is shown is not weighed.
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
from feed.queries.trending import BESIDE_KEY, muted_key
from moderation.actions import submit_trends_for_review
from moderation.queries import Supporters, is_known_supporter, is_recent_supporter, trend_standing
from posts.models import Like, Post, PostTag

WINDOW = timedelta(hours=24)
GRAVITY = 1.5
LEAST_PEOPLE = 3
KEPT = 20
LOOKED_AT = 200
"""How many posts, by an upper bound of their score, are counted person by person."""


def score(points: float, age: timedelta) -> float:
    hours = max(age.total_seconds(), 0) / 3600
    return float((points - 1) / (hours + 2) ** GRAVITY)


def compute_trends(*, now: datetime | None = None) -> list[Trend]:
    """Replace the trends by those of this moment. Readers see the old or the new ones, never none."""
    now = now or timezone.now()
    standing = trend_standing()
    tags = _Found(standing.allowed_tags, standing.hidden_tags, _tags(now), now)
    posts = _Found(standing.allowed_posts, standing.hidden_posts, _posts(now), now)
    rows = _ranked(Trend.Kind.TAG, tags.trending, now) + _ranked(Trend.Kind.POST, posts.trending, now)
    submit_trends_for_review(tags=tags.to_ask, posts=posts.to_ask)
    with transaction.atomic():
        # Over the old rows, rank by rank: two that compute at the same moment do not hinder each other.
        Trend.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "rank"],
            update_fields=["tag", "post", "count", "score", "computed_at"],
        )
        for kind in Trend.Kind:
            kept = sum(row.kind == kind for row in rows)
            Trend.objects.filter(kind=kind, rank__gt=kept).delete()
        transaction.on_commit(lambda: cache.delete(BESIDE_KEY))
    return rows


def leave_trends(*, post_id: int | None = None, author_id: int | None = None) -> None:
    """A post, or all of an author, is hidden: it leaves the trends at once, and so do the tags that too few others
    use. Those that stay tell how many do.
    """
    hidden = {"post_id": post_id} if post_id is not None else {"post__author": author_id}
    with transaction.atomic():
        Trend.objects.filter(kind=Trend.Kind.POST, **hidden).delete()
        trending = Trend.objects.filter(kind=Trend.Kind.TAG)
        # All of them are counted again: a deleted post does not tell any more which tags it had.
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
        transaction.on_commit(lambda: cache.delete(BESIDE_KEY))


Carried = tuple[int, Supporters, datetime]  # which tag or post, by whom, since when
Scored = tuple[float, int, int]  # score, id, people


class _Found:
    """What is carried by enough people, parted into what trends and what a moderator has to look at first."""

    def __init__(
        self, allowed: Collection[int], hidden: Collection[int], found: Iterable[Carried], now: datetime
    ) -> None:
        self.trending: list[Scored] = []
        asked: list[Scored] = []
        for which, supporters, since in found:
            if which in hidden:
                continue
            if which in allowed or not supporters.needs_review:
                # What a moderator let through counts at least like the least that trends by itself.
                points = (
                    max(supporters.weight, float(LEAST_PEOPLE)) if which in allowed else supporters.weight
                )
                self.trending.append((score(points, now - since), which, supporters.people))
            else:
                asked.append((score(supporters.people, now - since), which, supporters.people))
        self.to_ask = {which: people for _score, which, people in heapq.nlargest(KEPT, asked)}
        """Those that would be on top if every account counted alike."""


def leave_out_muted(*, member_id: int) -> None:
    """What is talked about beside the pages of a member who has muted another word is chosen anew."""
    transaction.on_commit(lambda: cache.delete(muted_key(member_id)))


def _ranked(kind: Trend.Kind, found: Sequence[Scored], now: datetime) -> list[Trend]:
    best = heapq.nlargest(KEPT, found)
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
    """What everybody may see, within the window."""
    return Post.objects.visible_to(None).filter(
        id__gte=id_at(now - WINDOW, salt=0), id__lt=id_at(now, salt=0)
    )


def _counted(member: str, now: datetime) -> dict[str, Count]:
    """Aggregates: how many people there are at this path, and how many of them are known and recent (Supporters)."""
    return {
        "people": Count(member, distinct=True),
        "known": Count(member, distinct=True, filter=is_known_supporter(member, now)),
        "recent": Count(member, distinct=True, filter=is_recent_supporter(member, now)),
    }


def _tags(now: datetime, *, among: "QuerySet[Any, Any] | None" = None) -> list[Carried]:
    uses = PostTag.objects.filter(post__in=_recent_posts(now))
    if among is not None:
        uses = uses.filter(tag__in=among)
    by_tag: Any = uses.values("tag_id").annotate(**_counted("post__author", now), first=Min("post_id"))
    used = by_tag.filter(people__gte=LEAST_PEOPLE).values_list("tag_id", "people", "known", "recent", "first")
    return [
        (tag_id, Supporters(known, recent, people - known - recent), time_of(first))
        for tag_id, people, known, recent, first in used
    ]


def _posts(now: datetime) -> list[Carried]:
    recent = (
        _recent_posts(now)
        .annotate(touches=F("likes_count") + F("replies_count"))
        .filter(touches__gte=LEAST_PEOPLE)
        .values_list("id", "touches")
    )
    # Likes and replies together are never fewer than the people behind them: what is small by that is small.
    likely = heapq.nlargest(LOOKED_AT, ((score(touches, now - time_of(i)), i) for i, touches in recent))
    supporters = _supporters_by_post([post_id for _, post_id in likely], now)
    return [
        (post_id, supporters[post_id], time_of(post_id))
        for _, post_id in likely
        if supporters[post_id].people >= LEAST_PEOPLE
    ]


def _supporters_by_post(post_ids: Sequence[int], now: datetime) -> dict[int, Supporters]:
    """Who liked or answered each post, its author apart, each counted once."""
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
