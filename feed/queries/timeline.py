"""The Following timeline: what the people one follows write, strictly newest first, complete.

It is pulled from the posts at each reading. Two ways lead to the same page, and the number of people followed
decides between them (measured at 400,000 posts of 20,000 members, on both databases):

- few: the latest posts of each of them by the index (author, -id), then the newest of all. It costs a few index
  reads for each person followed, however many posts there are (80 followed: 5 ms; 2,500: 100 ms).
- many: down the posts from the newest, keeping those by people of the circle. It costs what lies between the posts
  that are kept, which is little when many are followed (2,500 followed: 3 ms; nobody: 120 ms, the whole table).
"""

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
from core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from core.refusals import Invalid
from posts.models import Post
from social.models import Follow
from social.queries import followee_ids

MANY = 300
"""From how many people followed it is cheaper to walk down the posts than to ask for the latest of each."""


def following_timeline(viewer: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Post]:
    """A page of posts by the viewer and the people they follow.

    A reply is shown when the one answered is of that circle too: half of a conversation with somebody unknown
    is not what one followed for. Raises Invalid on a cursor that is none.
    """
    before = _post_id(cursor) if cursor else None
    way = _down_the_posts if viewer.following_count > MANY else _latest_of_each
    ids = way(viewer, before, size + 1)
    posts = list(Post.objects.visible_to(viewer).filter(pk__in=ids).dressed().newest_first())
    return page_of(posts[:size], cursor_of=lambda post: [post.id], more=len(posts) > size)


def of_circle(posts: "QuerySet[Post]", viewer: Member) -> "QuerySet[Post]":
    """Without the replies to people whom the viewer neither follows nor is."""
    follows_answered = Follow.objects.by(viewer).filter(followee=OuterRef("in_reply_to__author_id"))
    return posts.filter(Q(in_reply_to=None) | Q(in_reply_to__author=viewer) | Exists(follows_answered))


def _down_the_posts(viewer: Member, before: int | None, size: int) -> "QuerySet[Any, Any]":
    # A computed author keeps the planner from the index on authors, by which it would fetch all their posts to
    # sort them.
    author = ExpressionWrapper(F("author_id") + 0, output_field=BigIntegerField())
    posts = of_circle(_earlier(Post.objects.visible_to(viewer), before), viewer).annotate(by=author)
    circle = posts.filter(Q(by__in=followee_ids(viewer).order_by()) | Q(by=viewer.pk))
    return circle.order_by("-id").values("id")[:size]


def _latest_of_each(viewer: Member, before: int | None, size: int) -> "QuerySet[Any, Any]":
    circle = (
        followee_ids(viewer)
        .order_by()
        .union(Member.objects.filter(pk=viewer.pk).values_list("id", flat=True), all=True)
    )
    people = Member.objects.filter(pk__in=circle)
    theirs = _earlier(Post.objects.visible_to(viewer).filter(author=OuterRef("pk")), before)
    latest = of_circle(theirs, viewer).order_by("-id").values("id")[:size]
    if is_postgres():
        # unnest(ARRAY(…)) of a correlated subquery is a lateral join that the ORM can say.
        each = Func(ArraySubquery(latest), function="unnest", output_field=BigIntegerField())
        return people.annotate(post_id=each).order_by("-post_id").values("post_id")[:size]
    return people.filter(posts__id__in=Subquery(latest)).order_by("-posts__id").values("posts__id")[:size]


def _earlier(posts: "QuerySet[Post]", before: int | None) -> "QuerySet[Post]":
    return posts if before is None else posts.filter(id__lt=before)


def _post_id(cursor: str) -> int:
    (value,) = decode_cursor(cursor, 1)
    if not isinstance(value, int):
        raise Invalid("That page cannot be found: its cursor is not valid.", code="bad_cursor")
    return value
