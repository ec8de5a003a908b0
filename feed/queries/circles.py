"""Posts by some circle of people, strictly newest first, complete: what the home and every list are made of.

They are pulled from the posts at each reading. Two ways lead to the same page, and the number of people decides
between them (measured at 400,000 posts of 20,000 members, on both databases):

- few: the latest posts of each of them by the index (author, -id), then the newest of all. It costs a few index
  reads for each person, however many posts there are (80 people: 5 ms; 2,500: 100 ms).
- many: down the posts from the newest, keeping those by people of the circle. It costs what lies between the posts
  that are kept, which is little when they are many (2,500 people: 3 ms; nobody: 120 ms, the whole table).
"""

from dataclasses import dataclass
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

from accounts.models import Member
from core.db import is_postgres
from core.pages import Page, bad_cursor, decode_cursor, page_of
from posts.models import Post
from posts.muting import exclude_muted_authors, exclude_orphaned_replies
from social.models import Follow
from social.queries import muted_ids

MANY = 300
"""From how many people on it is cheaper to walk down the posts than to ask for the latest of each."""

Ids = QuerySet[Any, Any]
"""Ids as a subquery."""


@dataclass(frozen=True)
class Circle:
    """Whose posts `viewer` wants to read together, and which of their replies."""

    viewer: Member
    people: Ids
    size: int
    """About how many they are."""
    replies: Q
    """Which of their replies are shown; it may refer to what is answered, not to who wrote."""
    without: Ids | None = None
    """Who is left out all the same; never the viewer."""
    with_viewer: bool = False

    def newest(self, before: int | None, size: int) -> Ids:
        """The ids of the newest posts before `before`, newest first."""
        way = _down_the_posts if self.size > MANY else _latest_of_each
        return way(self, before, size)

    def readable(self, before: int | None) -> "QuerySet[Post]":
        posts = Post.objects.visible_to(self.viewer).filter(Q(in_reply_to=None) | self.replies)
        return exclude_orphaned_replies(earlier(posts, before), self.viewer)


def replies_to_followed(viewer: Member) -> Q:
    """Replies to people whom the viewer follows or is."""
    follows_answered = Follow.objects.by(viewer).filter(followee=OuterRef("in_reply_to__author_id"))
    return Q(in_reply_to__author=viewer) | Q(Exists(follows_answered))


def page_of_posts(ids: Ids | list[int], viewer: Member, size: int) -> Page[Post]:
    """The page of these posts; `ids` names one more than it holds if there are more."""
    posts = list(
        Post.objects.visible_to(viewer).filter(pk__in=ids).with_card_fields().newest_first()[: size + 1]
    )
    return page_of(posts[:size], cursor_of=lambda post: [post.id], more=len(posts) > size)


def earlier(posts: "QuerySet[Post]", before: int | None) -> "QuerySet[Post]":
    return posts if before is None else posts.filter(id__lt=before)


def post_before(cursor: str | None) -> int | None:
    """The id that the page begins below. Raises Invalid on a cursor that is none."""
    if not cursor:
        return None
    (value,) = decode_cursor(cursor, 1)
    if not isinstance(value, int):
        raise bad_cursor()
    return value


def _down_the_posts(circle: Circle, before: int | None, size: int) -> Ids:
    # A computed author keeps the planner from the index on authors, by which it would fetch all their posts to
    # sort them. The alternative to the people (nobody has the id 0) keeps it from beginning with them, too.
    author = ExpressionWrapper(F("author_id") + 0, output_field=BigIntegerField())
    posts = exclude_muted_authors(circle.readable(before).annotate(by=author), circle.viewer)
    if circle.without is not None:
        posts = posts.filter(~Q(by__in=circle.without))
    one_more = circle.viewer.pk if circle.with_viewer else 0
    kept = posts.filter(Q(by__in=circle.people) | Q(by=one_more))
    return kept.order_by("-id").values_list("id", flat=True)[:size]


def _latest_of_each(circle: Circle, before: int | None, size: int) -> Ids:
    ids = circle.people
    if circle.with_viewer:
        ids = ids.union(Member.objects.filter(pk=circle.viewer.pk).values_list("id", flat=True), all=True)
    people = Member.objects.filter(pk__in=ids).exclude(pk__in=muted_ids(circle.viewer))
    if circle.without is not None:
        people = people.exclude(pk__in=circle.without)
    latest = circle.readable(before).filter(author=OuterRef("pk")).order_by("-id").values("id")[:size]
    return latest_of_each(people, latest, path="posts__id")[:size]


def latest_of_each(sources: "QuerySet[Any]", latest: Ids, *, path: str) -> Ids:
    """The ids that `latest` names for each of the `sources` (it refers to one by OuterRef), highest first.

    `path` leads from a source to the ids of all of its posts.
    """
    if is_postgres():
        # unnest(ARRAY(…)) of a correlated subquery is a lateral join that the ORM can say.
        each = Func(ArraySubquery(latest), function="unnest", output_field=BigIntegerField())
        sources, path = sources.annotate(post_id=each), "post_id"
    else:
        sources = sources.filter(**{f"{path}__in": Subquery(latest)})
    ids: Ids = sources.order_by(f"-{path}").values_list(path, flat=True)
    return ids
