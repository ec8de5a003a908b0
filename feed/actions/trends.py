"""What is being talked about, computed every few minutes (config/schedule.py) and read from the table Trend.

The score is that of Hacker News, (points − 1) / (age in hours + 2)^gravity, as its published source has it (news.arc of
Arc 3.1, where the gravity is 1.8); the gravity here is 1.5, under which a trend lives a little longer. Here

- a *point* is a person, never a post or a click: for a tag, whoever used it; for a post, whoever liked or answered it
  and did not write it. One loud account is one point;
- the window is the last 24 hours, for the use of the tag and for the age of the post;
- the *age* of a tag is the time since its first use within the window, so that a tag that is always there is old and
  a new one is young; the age of a post is the time since it was published;
- fewer than three people are not a trend.
"""

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet
from django.utils import timezone

from core.ids import id_at, time_of
from feed.models import Trend
from feed.queries.trending import BESIDE_KEY, muted_key
from posts.models import Like, Post, PostTag

WINDOW = timedelta(hours=24)
GRAVITY = 1.5
LEAST_PEOPLE = 3
KEPT = 20
LOOKED_AT = 200
"""How many posts, by an upper bound of their score, are counted person by person."""


def score(people: int, age: timedelta) -> float:
    hours = max(age.total_seconds(), 0) / 3600
    return float((people - 1) / (hours + 2) ** GRAVITY)


def compute_trends(*, now: datetime | None = None) -> list[Trend]:
    """Replace the trends by those of this moment. Readers see the old or the new ones, never none."""
    now = now or timezone.now()
    rows = _ranked(Trend.Kind.TAG, _tags(now), now) + _ranked(Trend.Kind.POST, _posts(now), now)
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
        used = _uses(timezone.now()).filter(tag__in=trending.values("tag")).values("tag_id")
        still = used.annotate(people=Count("post__author", distinct=True)).filter(people__gte=LEAST_PEOPLE)
        people = dict(still.values_list("tag_id", "people"))
        trending.exclude(tag__in=people).delete()
        for trend in trending:
            if trend.count != people[trend.tag_id]:
                trending.filter(pk=trend.pk).update(count=people[trend.tag_id])
        transaction.on_commit(lambda: cache.delete(BESIDE_KEY))


Scored = tuple[float, int, int]  # score, id, people


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


def _uses(now: datetime) -> "QuerySet[PostTag]":
    """The uses of tags by posts that everybody may see, within the window."""
    recent = Post.objects.visible_to(None).filter(
        id__gte=id_at(now - WINDOW, salt=0), id__lt=id_at(now, salt=0)
    )
    return PostTag.objects.filter(post__in=recent)


def _tags(now: datetime) -> list[Scored]:
    used = (
        _uses(now)
        .values("tag_id")
        .annotate(people=Count("post__author", distinct=True), first=Min("post_id"))
        .filter(people__gte=LEAST_PEOPLE)
        .values_list("tag_id", "people", "first")
    )
    return [(score(people, now - time_of(first)), tag_id, people) for tag_id, people, first in used]


def _posts(now: datetime) -> list[Scored]:
    recent = (
        Post.objects.visible_to(None)
        .filter(id__gte=id_at(now - WINDOW, salt=0), id__lt=id_at(now, salt=0))
        .annotate(touches=F("likes_count") + F("replies_count"))
        .filter(touches__gte=LEAST_PEOPLE)
        .values_list("id", "touches")
    )
    # Likes and replies together are never fewer than the people behind them: what is small by that is small.
    likely = heapq.nlargest(LOOKED_AT, ((score(touches, now - time_of(i)), i) for i, touches in recent))
    people = _people_by_post([post_id for _, post_id in likely])
    return [
        (score(people[post_id], now - time_of(post_id)), post_id, people[post_id])
        for _, post_id in likely
        if people[post_id] >= LEAST_PEOPLE
    ]


def _people_by_post(post_ids: Sequence[int]) -> dict[int, int]:
    """How many liked or answered each post, its author apart, each counted once."""
    counts = dict.fromkeys(post_ids, 0)
    likers = Like.objects.filter(post__in=post_ids, member__is_active=True).exclude(member=F("post__author"))
    for post_id, n in likers.values_list("post_id").annotate(n=Count("id")):
        counts[post_id] += n
    liked_too = Like.objects.filter(post=OuterRef("in_reply_to"), member=OuterRef("author"))
    answers = (
        Post.objects.visible_to(None)
        .filter(in_reply_to__in=post_ids)
        .exclude(author=F("in_reply_to__author"))
        .exclude(Exists(liked_too))
    )
    for post_id, n in answers.values_list("in_reply_to_id").annotate(n=Count("author", distinct=True)):
        counts[post_id] += n
    return counts
