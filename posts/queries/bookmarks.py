from accounts.models import Member
from core.pages import Page, paginate
from posts.models import Bookmark, Post


def bookmarks_of(member: Member, *, cursor: str | None = None) -> Page[Post]:
    """Return the posts that `member` has bookmarked and can still see, most recent bookmark first."""
    # Paged by the bookmarks, as the list is in their order.
    bookmarks = Bookmark.objects.filter(
        member=member, post__in=Post.objects.visible_to(member).filter(state=Post.State.PUBLISHED)
    )
    page = paginate(bookmarks, cursor=cursor)
    posts = Post.objects.visible_to(member).with_card_fields().in_bulk([row.post_id for row in page.items])
    return Page([posts[row.post_id] for row in page.items if row.post_id in posts], page.next_cursor)
