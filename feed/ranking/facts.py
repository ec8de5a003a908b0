"""Read the facts from the database as it is now, for one viewer and some candidates, in a fixed number of queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Sum

from accounts.models import Member
from core.ids import id_at
from feed.ranking.candidates import author_ids
from feed.ranking.features import REPLY_WEIGHT, Candidate, RankingFacts, TasteProfile, terms_of
from posts.models import Like, Post
from social.queries import followed_among

TASTE_LIKES = 200
TASTE_SECONDS = 300
QUALITY_WITHIN = timedelta(days=30)


def ranking_facts(viewer: Member, candidates: Sequence[Candidate], *, now: datetime) -> RankingFacts:
    facts = RankingFacts()
    ids, authors = [candidate.id for candidate in candidates], author_ids(candidates)
    counts = Post.objects.filter(pk__in=ids).values_list(
        "id", "likes_count", "reposts_count", "replies_count", "views_count"
    )
    for post_id, likes, reposts, replies, views in counts:
        facts.likes[post_id], facts.replies[post_id], facts.views[post_id] = likes, replies, views
        facts.reposts[post_id] = reposts
    facts.followers.update(Member.objects.filter(pk__in=authors).values_list("id", "followers_count"))
    written = Post.objects.filter(
        author__in=authors, state=Post.State.PUBLISHED, id__gte=id_at(now - QUALITY_WITHIN, salt=0)
    )
    habits = written.values("author").annotate(
        n=Count("id"), liked=Sum("likes_count"), last=Max("created_at")
    )
    for author, posts, liked, last in habits.values_list("author", "n", "liked", "last"):
        facts.author_posts[author], facts.author_likes[author] = posts, liked
        facts.author_wrote_at[author] = last
    facts.follows = {(viewer.pk, author) for author in followed_among(viewer, authors)}
    taste, affinity = _history(viewer)
    facts.tastes[viewer.pk] = taste
    for author, weight in affinity.items():
        facts.affinity[viewer.pk, author] = weight
    return facts


def _history(viewer: Member) -> tuple[TasteProfile, dict[int, int]]:
    """Return the taste profile and how often each author was liked or replied to, up to a few minutes old.

    It is made of what the viewer can still see. The rest must not show, not even in how posts are ranked.
    """
    key = f"feed.history.{viewer.pk}"
    known: tuple[TasteProfile, dict[int, int]] | None = cache.get(key)
    if known is not None:
        return known
    taste, affinity = TasteProfile(), dict[int, int]()
    readable = Exists(Post.objects.visible_to(viewer).filter(pk=OuterRef("post_id")))
    liked = Like.objects.filter(readable, member=viewer).order_by("-id")[:TASTE_LIKES]
    for author, text in liked.values_list("post__author_id", "post__text"):
        taste.add(terms_of(text))
        affinity[author] = affinity.get(author, 0) + 1
    readable = Exists(Post.objects.visible_to(viewer).filter(pk=OuterRef("in_reply_to_id")))
    answered = Post.objects.filter(readable, author=viewer).order_by("-id")
    for author in answered.values_list("in_reply_to__author_id", flat=True)[:TASTE_LIKES]:
        affinity[author] = affinity.get(author, 0) + REPLY_WEIGHT
    cache.set(key, (taste, affinity), TASTE_SECONDS)
    return taste, affinity
