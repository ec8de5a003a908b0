from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, paginate
from posts.models import Post, PostTag, Tag
from posts.muting import exclude_muted_authors, filtered_page


def latest_posts(viewer: Member | None, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Post]:
    """Return all public posts that aren’t replies and that the viewer has not muted, newest first."""
    published = Post.objects.visible_to(viewer).listed().filter(state=Post.State.PUBLISHED)
    posts = exclude_muted_authors(published.originals().with_card_fields(), viewer)
    return filtered_page(
        lambda at, n: paginate(posts, cursor=at, size=n), viewer, "home", cursor=cursor, size=size
    )


def posts_tagged(
    tag: Tag, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Post]:
    """Return posts with the hashtag that the viewer may see and has not muted, newest first."""
    listed = Post.objects.visible_to(viewer).listed()
    visible = listed.filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    rows = PostTag.objects.filter(Exists(exclude_muted_authors(visible, viewer)), tag=tag)
    rows = rows.select_related("post__author", "post__in_reply_to__author")

    def fetch(at: str | None, count: int) -> Page[Post]:
        page = paginate(rows, cursor=at, keys=("-post_id",), size=count)
        return Page([row.post for row in page.items], page.next_cursor)

    return filtered_page(fetch, viewer, "home", cursor=cursor, size=size)


def explore_members(viewer: Member | None) -> "QuerySet[Member]":
    """Return all members, to be paged by ("-followers_count", "-id") or ("-id")."""
    return Member.objects.visible_to(viewer)
