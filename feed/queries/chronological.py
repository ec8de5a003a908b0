"""Posts by a group of authors, strictly newest first and complete: the home feed and the feeds of lists.

They are read from the posts each time. The number of authors decides between two queries that return the same page
(measured at 400,000 posts of 20,000 members, on both databases):

- few authors: the latest posts of each by the index (author, -id), then the newest of all. It takes some index reads
  for each author, however many posts there are (80 authors: 5 ms; 2,500: 100 ms).
- many authors: scan all posts from the newest and keep those by the authors. It takes as long as there are other posts
  in between, which are few when the authors are many (2,500 authors: 3 ms; none: 120 ms, the whole table).
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from accounts.models import Member
from core.db import is_postgres
from core.pages import Page, bad_cursor, decode_cursor, page_of
from posts.models import Post, Repost
from posts.muting import exclude_muted_authors, exclude_orphaned_replies
from social.models import Follow
from social.queries import muted_ids

SCAN_THRESHOLD = 300
"""From how many authors on it is cheaper to scan the posts than to query the latest of each."""

Ids = QuerySet[Any, Any]
"""Ids as a subquery."""


@dataclass(frozen=True)
class ChronologicalFeed:
    """Whose posts `viewer` wants to read, and which of their replies."""

    viewer: Member
    authors: Ids
    author_count: int
    """About how many authors there are."""
    replies: Q
    """Which of their replies are shown. It may refer to the parent, but not to the author."""
    excluded: Ids | None = None
    """Authors who are left out; never the viewer."""
    include_viewer: bool = False
    reposters: "QuerySet[Member]" = field(default_factory=Member.objects.none)
    """Whose reposts it shows; none for a list."""
    reposts: "QuerySet[Repost] | None" = None
    """All their reposts, which bring posts into it. A post is in the feed once, at its newest repost, so it
    isn't where it was written (decision 46).
    """

    @property
    def has_many_authors(self) -> bool:
        return self.author_count > SCAN_THRESHOLD

    def newest_ids(self, before: int | None, size: int) -> Ids:
        """Return the ids of the newest posts before the id `before`, newest first."""
        query = _scan_newest_posts if self.has_many_authors else _merge_latest_by_author
        return query(self, before, size)

    def reposted_ids(self, before: int | None, size: int) -> Ids:
        """Return the ids of the posts with the newest reposts before the id `before`, each at its newest repost."""
        query = _scan_newest_reposts if self.has_many_authors else _merge_latest_reposts
        ids: Ids = Repost.objects.filter(pk__in=query(self, before, size)).values_list("post_id", flat=True)
        return ids

    def readable(self, before: int | None) -> "QuerySet[Post]":
        posts = Post.objects.visible_to(self.viewer).filter(Q(in_reply_to=None) | self.replies)
        return exclude_orphaned_replies(without_reposted(before_id(posts, before), self.reposts), self.viewer)

    def newest_reposts(self, rows: "QuerySet[Repost]", before: int | None) -> "QuerySet[Repost]":
        """Return those of the reposts that are the newest of a post that the viewer may read and hasn't muted."""
        posts = exclude_muted_authors(Post.objects.visible_to(self.viewer), self.viewer)
        if self.excluded is not None:
            posts = posts.exclude(author__in=self.excluded)
        shown = exclude_orphaned_replies(posts, self.viewer).filter(pk=OuterRef("post_id"))
        return newest_of_each(rows, before, among=self.reposts).filter(Exists(shown))


def replies_to_followed(viewer: Member) -> Q:
    """Replies to authors whom the viewer follows or is."""
    follows_answered = Follow.objects.by(viewer).filter(followee=OuterRef("in_reply_to__author_id"))
    return Q(in_reply_to__author=viewer) | Q(Exists(follows_answered))


def load_page(
    ids: Ids | list[int], viewer: Member | None, size: int, *, reposts: "QuerySet[Repost] | None" = None
) -> Page[Post]:
    """Return the page of these posts. `ids` has one more than the page if there is a next one.

    With `reposts`, each post is at its newest of them.
    """
    found = Post.objects.visible_to(viewer).filter(pk__in=ids).with_card_fields()
    if reposts is None:
        found = found.newest_first()
    else:
        newest = reposts.filter(post=OuterRef("pk")).order_by("-id").values("id")[:1]
        found = found.annotate(newest_repost=Subquery(newest, BigIntegerField()))  # type: ignore[no-redef]
        found = found.order_by(Coalesce("newest_repost", "id").desc())
    posts = list(found[: size + 1])
    return page_of(posts[:size], cursor_of=lambda post: [post.place], more=len(posts) > size)


def without_reposted(posts: "QuerySet[Post]", reposts: "QuerySet[Repost] | None") -> "QuerySet[Post]":
    """Leave out posts that the list shows at a repost."""
    return posts if reposts is None else posts.exclude(Exists(reposts.filter(post=OuterRef("pk"))))


def newest_of_each(
    rows: "QuerySet[Repost]", before: int | None, *, among: "QuerySet[Repost] | None"
) -> "QuerySet[Repost]":
    """Return the reposts before the id `before`, without those of posts that have a newer one among `among`."""
    if among is not None:
        rows = rows.exclude(Exists(among.filter(post=OuterRef("post_id"), pk__gt=OuterRef("pk"))))
    return rows if before is None else rows.filter(pk__lt=before)


def either(posts: Ids, reposted: Ids) -> Ids:
    """Return both ids, as a subquery: the page has its posts from the newest of each."""
    # Around each limited query, as SQLite limits no part of a union.
    direct = Post.objects.filter(pk__in=posts).order_by().values_list("pk", flat=True)
    return direct.union(reposted.order_by(), all=True)


def before_id(posts: "QuerySet[Post]", before: int | None) -> "QuerySet[Post]":
    return posts if before is None else posts.filter(id__lt=before)


def before_of_cursor(cursor: str | None) -> int | None:
    """Return the id below which the page begins. Raise Invalid for a bad cursor."""
    if not cursor:
        return None
    (value,) = decode_cursor(cursor, 1)
    if not isinstance(value, int):
        raise bad_cursor()
    return value


def _scan_newest_posts(feed: ChronologicalFeed, before: int | None, size: int) -> Ids:
    # A computed author keeps the planner from the index on authors, with which it would fetch all their posts
    # and sort them. The alternative (no one has the id 0) keeps it from starting with the authors.
    author = ExpressionWrapper(F("author_id") + 0, output_field=BigIntegerField())
    posts = exclude_muted_authors(feed.readable(before).annotate(by=author), feed.viewer)
    if feed.excluded is not None:
        posts = posts.filter(~Q(by__in=feed.excluded))
    one_more = feed.viewer.pk if feed.include_viewer else 0
    kept = posts.filter(Q(by__in=feed.authors) | Q(by=one_more))
    return kept.order_by("-id").values_list("id", flat=True)[:size]


def _merge_latest_by_author(feed: ChronologicalFeed, before: int | None, size: int) -> Ids:
    ids = feed.authors
    if feed.include_viewer:
        ids = ids.union(Member.objects.filter(pk=feed.viewer.pk).values_list("id", flat=True), all=True)
    authors = Member.objects.filter(pk__in=ids).exclude(pk__in=muted_ids(feed.viewer))
    if feed.excluded is not None:
        authors = authors.exclude(pk__in=feed.excluded)
    latest = feed.readable(before).filter(author=OuterRef("pk")).order_by("-id").values("id")[:size]
    return latest_by_source(authors, latest, path="posts__id")[:size]


def _scan_newest_reposts(feed: ChronologicalFeed, before: int | None, size: int) -> Ids:
    # Computed, so that the planner starts with the newest reposts (_scan_newest_posts).
    member = ExpressionWrapper(F("member_id") + 0, output_field=BigIntegerField())
    rows = Repost.objects.annotate(by=member).filter(by__in=feed.reposters.values("pk"))
    return feed.newest_reposts(rows, before).order_by("-id").values_list("id", flat=True)[:size]


def _merge_latest_reposts(feed: ChronologicalFeed, before: int | None, size: int) -> Ids:
    rows = feed.newest_reposts(Repost.objects.filter(member=OuterRef("pk")), before)
    return latest_by_source(feed.reposters, rows.order_by("-id").values("id")[:size], path="reposts__id")[
        :size
    ]


def latest_by_source(sources: "QuerySet[Any]", latest: Ids, *, path: str) -> Ids:
    """Return the ids that `latest` has for each of the `sources` (it refers to one by OuterRef), highest first.

    `path` leads from a source to the ids of all its posts.
    """
    if is_postgres():
        # unnest(ARRAY(…)) of a correlated subquery is a lateral join that the ORM can express.
        each = Func(ArraySubquery(latest), function="unnest", output_field=BigIntegerField())
        sources, path = sources.annotate(post_id=each), "post_id"
    else:
        sources = sources.filter(**{f"{path}__in": Subquery(latest)})
    ids: Ids = sources.order_by(f"-{path}").values_list(path, flat=True)
    return ids
