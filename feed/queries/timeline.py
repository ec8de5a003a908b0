"""Home: what the people one follows write, and what carries a tag that one follows. Newest first, complete."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

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
from posts.quiet import not_muted, sifted
from social.models import Follow
from social.queries import followee_ids
from social.queries.lists import kept_out_of_home


def following_timeline(viewer: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Post]:
    """A page of posts by the viewer and the people they follow, and of posts with the tags they follow, each once.

    A reply is shown when the one answered is of that circle too: half of a conversation with somebody unknown
    is not what one followed for; so a tag brings no replies. Who is on an exclusive list of the viewer is left out.
    What the viewer has muted is left out. Raises Invalid on a cursor that is none.
    """
    return sifted(lambda at: _page(viewer, at, size), viewer, "home", cursor=cursor, size=size)


def _page(viewer: Member, cursor: str | None, size: int) -> Page[Post]:
    before = post_before(cursor)
    circle = Circle(
        viewer=viewer,
        people=followee_ids(viewer).order_by(),
        size=viewer.following_count,
        replies=replies_to_followed(viewer),
        without=kept_out_of_home(viewer),
        with_viewer=True,
    )
    by_people = Post.objects.filter(pk__in=circle.newest(before, size + 1)).values("id")
    tagged = Post.objects.filter(pk__in=_newest_tagged(viewer, before, size + 1)).values("id")
    return page_of_posts(by_people.union(tagged), viewer, size)


def because_of_tags(viewer: Member, posts: Sequence[Post]) -> dict[int, Tag]:
    """Which of these posts are in the viewer's home for a tag only, and for which: post id → the tag. One query."""
    ids = [post.id for post in posts if post.author_id != viewer.pk and not post.is_reply]
    if not ids:
        return {}
    followed = Follow.objects.by(viewer).filter(followee=OuterRef("post__author_id"))
    carried = PostTag.objects.filter(post__in=ids, tag__followers__member=viewer).filter(~Exists(followed))
    return {row.post_id: row.tag for row in carried.select_related("tag").order_by("-tag_id")}


def _newest_tagged(viewer: Member, before: int | None, size: int) -> Ids:
    """The latest of each followed tag by the index (tag, -post), then the newest of all, each once."""
    readable = not_muted(Post.objects.visible_to(viewer), viewer).originals()  # type: ignore[attr-defined]
    readable = readable.filter(state=Post.State.PUBLISHED)
    shown = readable.filter(pk=OuterRef("post_id")).exclude(author__in=kept_out_of_home(viewer))
    carried = PostTag.objects.filter(Exists(shown), tag=OuterRef("tag"))
    if before is not None:
        carried = carried.filter(post__lt=before)
    latest = carried.order_by("-post").values("post")[:size]
    followed = TagFollow.objects.filter(member=viewer)
    return latest_of_each(followed, latest, path="tag__posts__post").distinct()[:size]
