"""Home: what the people one follows write, and what carries a tag that one follows. Newest first, complete."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, Exists, OuterRef, Value

from accounts.models import Member
from core.pages import PAGE_SIZE, Page
from feed.queries.circles import (
    Circle,
    Ids,
    latest_of_each,
    page_of_posts,
    post_before,
    replies_to_followed,
)
from posts.models import Post, PostTag, Tag, TagFollow
from posts.muting import exclude_muted_authors, filtered_page
from social.models import Follow, List
from social.queries import followee_ids
from social.queries.lists import kept_out_of_home


def following_timeline(viewer: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Post]:
    """A page of posts by the viewer and the people they follow, and of posts with the tags they follow, each once.

    A reply is shown when the one answered is of that circle too: half of a conversation with somebody unknown
    is not what one followed for; so a tag brings no replies. Who is on an exclusive list of the viewer is left out.
    What the viewer has muted is left out. Raises Invalid on a cursor that is none.
    """
    steer = _steer_of(viewer)
    return filtered_page(lambda at, n: _page(viewer, steer, at, n), viewer, "home", cursor=cursor, size=size)


@dataclass(frozen=True)
class _Steer:
    """What of the home's rules applies to a viewer: most follow no tags and keep nobody out, and do not pay for it."""

    tags: list[int]
    without: Ids | None


def _steer_of(viewer: Member) -> _Steer:
    """In one query."""
    followed = TagFollow.objects.filter(member=viewer).values_list(Value("tag", CharField()), "tag_id")
    exclusive = List.objects.filter(owner=viewer, is_exclusive=True)
    rows = list(followed.union(exclusive.values_list(Value("list", CharField()), "id"), all=True))
    without = kept_out_of_home(viewer) if any(kind == "list" for kind, _ in rows) else None
    return _Steer([tag_id for kind, tag_id in rows if kind == "tag"], without)


def _page(viewer: Member, steer: _Steer, cursor: str | None, size: int) -> Page[Post]:
    before = post_before(cursor)
    circle = Circle(
        viewer=viewer,
        people=followee_ids(viewer).order_by(),
        size=viewer.following_count,
        replies=replies_to_followed(viewer),
        without=steer.without,
        with_viewer=True,
    )
    by_people = circle.newest(before, size + 1)
    if not steer.tags:
        return page_of_posts(by_people, viewer, size)
    # A query for each, merged here: as one query, it takes the ORM three times as long to say as to have answered.
    ids = {*by_people, *_newest_tagged(viewer, steer, before, size + 1)}
    return page_of_posts(sorted(ids, reverse=True)[: size + 1], viewer, size)


def because_of_tags(viewer: Member, posts: Sequence[Post]) -> dict[int, Tag]:
    """Which of these posts are in the viewer's home for a tag only, and for which: post id → the tag. One query."""
    ids = [post.id for post in posts if post.author_id != viewer.pk and not post.is_reply]
    if not ids:
        return {}
    followed = Follow.objects.by(viewer).filter(followee=OuterRef("post__author_id"))
    carried = PostTag.objects.filter(post__in=ids, tag__followers__member=viewer).filter(~Exists(followed))
    return {row.post_id: row.tag for row in carried.select_related("tag").order_by("-tag_id")}


def _newest_tagged(viewer: Member, steer: _Steer, before: int | None, size: int) -> Ids:
    """The latest of each followed tag by the index (tag, -post), then the newest of all, each once."""
    readable = exclude_muted_authors(Post.objects.visible_to(viewer).originals(), viewer)
    shown = readable.filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    if steer.without is not None:
        shown = shown.exclude(author__in=steer.without)
    carried = PostTag.objects.filter(Exists(shown), tag=OuterRef("pk"))
    if before is not None:
        carried = carried.filter(post__lt=before)
    latest = carried.order_by("-post").values("post")[:size]
    return latest_of_each(Tag.objects.filter(pk__in=steer.tags), latest, path="posts__post").distinct()[:size]
