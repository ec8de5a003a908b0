from accounts.models import Member
from core.pages import Page, paginate
from posts.models import Bookmark, Post


def bookmarks_of(member: Member, *, cursor: str | None = None) -> Page[Post]:
    """What `member` kept, the last kept first, as far as it can still be seen."""
    # Over the bookmarks: their order is the list's, and an author's rule is asked of the post.
    kept = Bookmark.objects.filter(
        member=member, post__in=Post.objects.visible_to(member).filter(state=Post.State.PUBLISHED)
    )
    page = paginate(kept, cursor=cursor)
    posts = Post.objects.visible_to(member).with_card_fields().in_bulk([mark.post_id for mark in page.items])
    return Page([posts[m.post_id] for m in page.items if m.post_id in posts], page.next_cursor)
