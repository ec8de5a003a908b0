"""Choose the candidates of For you: five for each post that is shown."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import Member
from accounts.queries import interests_of
from core.ids import id_at
from feed.models import Trend
from feed.ranking.features import Candidate
from posts.models import Like, Post, PostTag
from posts.muting import exclude_muted_authors, exclude_orphaned_replies, mute_filter_for
from social.queries import MuteAction, followee_ids
from social.queries.lists import excluded_from_home

MAX_RANKED = 100
"""How many posts are ranked at once: five pages."""
CANDIDATES_PER_POST = 5
FOLLOWED_WITHIN = timedelta(days=7)
TRENDING_WITHIN = timedelta(hours=24)
RECOMMENDED_WITHIN = timedelta(days=7)
MAX_SIMILAR_MEMBERS = 50
INTERESTS = "interests"
"""The source of posts with hashtags of the viewer’s chosen topics."""


def candidates_for(viewer: Member, *, now: datetime, count: int = MAX_RANKED) -> list[Candidate]:
    """Return posts by others that the viewer may see, each once, with its source.

    When a source has too few, the next one fills up, so a new member who follows no one gets posts about their
    interests, and trends.
    """
    found: dict[int, Candidate] = {}
    mute_filter = mute_filter_for(viewer)
    target = 0.0
    for source, share, posts in (
        ("following", 0.6, _followed(viewer, now)),
        (INTERESTS, 0.0, _by_interests(viewer, now)),
        ("trending", 0.3, _trending(viewer, now)),
        ("recommended", 0.1, _recommended(viewer, now)),
        ("trending", 0.0, _recently_liked(viewer, now)),
    ):
        target += share * count * CANDIDATES_PER_POST
        most = round(target)
        if len(found) >= most:
            continue
        # Of the first `most`, at most len(found) are known already, so enough are new if there are any.
        for row in posts.values_list("id", "author_id", "text", "created_at", "in_reply_to_id")[:most]:
            if len(found) == most or row[0] in found:
                continue
            if mute_filter.verdict(row[2], row[1], "home").action is not MuteAction.HIDE:
                found[row[0]] = _candidate(*row, source=source)
    return list(found.values())


def _readable(viewer: Member, since: datetime) -> "QuerySet[Post]":
    """Return posts by others since then that the viewer has neither muted nor liked: what they liked, they have read.

    For you is a tab of the home page, so members of exclusive lists are left out here too.
    """
    oldest = id_at(since, salt=0)
    posts = Post.objects.visible_to(viewer).filter(state=Post.State.PUBLISHED, id__gte=oldest)
    posts = posts.exclude(author__in=excluded_from_home(viewer))
    read = Like.objects.filter(member=viewer, post__gte=oldest).values("post")
    return (
        exclude_orphaned_replies(exclude_muted_authors(posts, viewer), viewer)
        .exclude(author=viewer)
        .exclude(pk__in=read)
    )


def _listed(viewer: Member, since: datetime) -> "QuerySet[Post]":
    """Return `_readable` without what is only for followers’ homes: these sources are lists of everyone’s posts."""
    return _readable(viewer, since).listed()  # type: ignore[attr-defined, no-any-return]


def _followed(viewer: Member, now: datetime) -> "QuerySet[Post]":
    return _readable(viewer, now - FOLLOWED_WITHIN).filter(author__in=followee_ids(viewer)).order_by("-id")


def _by_interests(viewer: Member, now: datetime) -> "QuerySet[Post]":
    tags = [tag for topic in interests_of(viewer) for tag in topic.tags]
    if not tags:
        return Post.objects.none()
    since = now - FOLLOWED_WITHIN
    tagged = PostTag.objects.filter(tag__name__in=tags, post__gte=id_at(since, salt=0))
    return _listed(viewer, since).filter(pk__in=tagged.values("post")).order_by("-likes_count", "-id")


def _trending(viewer: Member, now: datetime) -> "QuerySet[Post]":
    """Return trending posts, and posts with trending hashtags."""
    trends = Trend.objects.all()
    tagged = PostTag.objects.filter(tag__in=trends.filter(kind=Trend.Kind.TAG).values("tag")).values("post")
    trending = Q(pk__in=trends.filter(kind=Trend.Kind.POST).values("post")) | Q(pk__in=tagged)
    return _listed(viewer, now - TRENDING_WITHIN).filter(trending).order_by("-likes_count", "-id")


def _recommended(viewer: Member, now: datetime) -> "QuerySet[Post]":
    """Return what members liked who also liked posts that the viewer liked."""
    liked = Like.objects.filter(member=viewer).order_by("-id").values("post")[:100]
    similar = (
        Like.objects.filter(post__in=list(liked.values_list("post", flat=True)))
        .filter(member__in=Member.objects.visible_to(viewer))
        .exclude(member=viewer)
        .values("member")
        .annotate(shared=Count("id"))
        .order_by("-shared", "-member")[:MAX_SIMILAR_MEMBERS]
    )
    members = [row["member"] for row in similar]
    recent = Like.objects.filter(member__in=members, id__gte=id_at(now - RECOMMENDED_WITHIN, salt=0))
    posts = _listed(viewer, now - RECOMMENDED_WITHIN).filter(pk__in=recent.values("post"))
    return posts.exclude(author__in=followee_ids(viewer)).order_by("-likes_count", "-id")


def _recently_liked(viewer: Member, now: datetime) -> "QuerySet[Post]":
    """Return the most liked posts of the week, for members who follow no one and have liked nothing yet."""
    return _listed(viewer, now - FOLLOWED_WITHIN).originals().order_by("-likes_count", "-id")  # type: ignore[attr-defined, no-any-return]


def _candidate(
    id: int, author_id: int, text: str, created_at: datetime, in_reply_to_id: int | None, *, source: str
) -> Candidate:
    return Candidate(
        id=id,
        author_id=author_id,
        text=text,
        created_at=created_at,
        is_reply=in_reply_to_id is not None,
        source=source,
    )


def author_ids(candidates: Iterable[Candidate]) -> set[int]:
    return {candidate.author_id for candidate in candidates}
