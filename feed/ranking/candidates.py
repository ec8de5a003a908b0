"""Which posts are considered for For you: five for each place (F2)."""

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
from social.queries.lists import kept_out_of_home

PLACES = 100
"""How far one can read before candidates are looked for anew: five pages."""
PER_PLACE = 5
FOLLOWED_WITHIN = timedelta(days=7)
TRENDING_WITHIN = timedelta(hours=24)
RECOMMENDED_WITHIN = timedelta(days=7)
LIKE_MINDED = 50
INTERESTS = "interests"
"""The source of posts with tags of the topics that the viewer chose."""


def candidates_for(viewer: Member, *, now: datetime, places: int = PLACES) -> list[Candidate]:
    """Posts that others wrote and this viewer may see, each once, with the source it came from.

    A source that has too little is made up for by the next, so that a new member who follows nobody reads what they
    care for, and trends.
    """
    found: dict[int, Candidate] = {}
    mute_filter = mute_filter_for(viewer)
    target = 0.0
    for source, share, posts in (
        ("following", 0.6, _followed(viewer, now)),
        (INTERESTS, 0.0, _of_interest(viewer, now)),
        ("trending", 0.3, _trending(viewer, now)),
        ("recommended", 0.1, _recommended(viewer, now)),
        ("trending", 0.0, _lately_liked(viewer, now)),
    ):
        target += share * places * PER_PLACE
        most = round(target)
        if len(found) >= most:
            continue
        # Among the first `most`, at most len(found) are known already: enough are new, if there are any.
        for row in posts.values_list("id", "author_id", "text", "created_at", "in_reply_to_id")[:most]:
            if len(found) == most or row[0] in found:
                continue
            if mute_filter.verdict(row[2], row[1], "home").action is not MuteAction.HIDE:
                found[row[0]] = _candidate(*row, source=source)
    return list(found.values())


def _readable(viewer: Member, since: datetime) -> "QuerySet[Post]":
    """What others wrote since then and the viewer has neither muted nor liked already: what one liked, one has read.

    For you is a tab of the home: who is on an exclusive list is kept out of it, too.
    """
    oldest = id_at(since, salt=0)
    posts = Post.objects.visible_to(viewer).filter(state=Post.State.PUBLISHED, id__gte=oldest)
    posts = posts.exclude(author__in=kept_out_of_home(viewer))
    read = Like.objects.filter(member=viewer, post__gte=oldest).values("post")
    return (
        exclude_orphaned_replies(exclude_muted_authors(posts, viewer), viewer)
        .exclude(author=viewer)
        .exclude(pk__in=read)
    )


def _followed(viewer: Member, now: datetime) -> "QuerySet[Post]":
    return _readable(viewer, now - FOLLOWED_WITHIN).filter(author__in=followee_ids(viewer)).order_by("-id")


def _of_interest(viewer: Member, now: datetime) -> "QuerySet[Post]":
    tags = [tag for topic in interests_of(viewer) for tag in topic.tags]
    if not tags:
        return Post.objects.none()
    since = now - FOLLOWED_WITHIN
    tagged = PostTag.objects.filter(tag__name__in=tags, post__gte=id_at(since, salt=0))
    return _readable(viewer, since).filter(pk__in=tagged.values("post")).order_by("-likes_count", "-id")


def _trending(viewer: Member, now: datetime) -> "QuerySet[Post]":
    """Trending posts, and what is written under the trending tags."""
    trends = Trend.objects.all()
    tagged = PostTag.objects.filter(tag__in=trends.filter(kind=Trend.Kind.TAG).values("tag")).values("post")
    trending = Q(pk__in=trends.filter(kind=Trend.Kind.POST).values("post")) | Q(pk__in=tagged)
    return _readable(viewer, now - TRENDING_WITHIN).filter(trending).order_by("-likes_count", "-id")


def _recommended(viewer: Member, now: datetime) -> "QuerySet[Post]":
    """What people liked who liked the same posts as the viewer did."""
    liked = Like.objects.filter(member=viewer).order_by("-id").values("post")[:100]
    like_minded = (
        Like.objects.filter(post__in=list(liked.values_list("post", flat=True)))
        .filter(member__in=Member.objects.visible_to(viewer))
        .exclude(member=viewer)
        .values("member")
        .annotate(shared=Count("id"))
        .order_by("-shared", "-member")[:LIKE_MINDED]
    )
    members = [row["member"] for row in like_minded]
    recent = Like.objects.filter(member__in=members, id__gte=id_at(now - RECOMMENDED_WITHIN, salt=0))
    posts = _readable(viewer, now - RECOMMENDED_WITHIN).filter(pk__in=recent.values("post"))
    return posts.exclude(author__in=followee_ids(viewer)).order_by("-likes_count", "-id")


def _lately_liked(viewer: Member, now: datetime) -> "QuerySet[Post]":
    """For those who follow nobody and liked nothing yet: what others here liked this week."""
    return _readable(viewer, now - FOLLOWED_WITHIN).originals().order_by("-likes_count", "-id")  # type: ignore[attr-defined, no-any-return]


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
