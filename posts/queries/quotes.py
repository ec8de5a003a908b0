from accounts.models import Member
from core.pages import PAGE_SIZE, Page, paginate
from posts.models import Post
from posts.muting import exclude_muted_authors, filtered_page


def quotes_of(
    post: Post, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Post]:
    """Return the posts that quote this one, newest first, without revoked and muted ones."""
    quotes = Post.objects.visible_to(viewer).filter(quote_of=post, quote_revoked=False)
    shown = exclude_muted_authors(quotes.with_card_fields(), viewer)
    return filtered_page(
        lambda at, n: paginate(shown, cursor=at, size=n), viewer, "threads", cursor=cursor, size=size
    )
