"""Create posts directly in the table and the index."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from accounts.models import Member
from core.ids import id_at
from posts.models import Post
from search.actions import index_members, index_posts, push_pending
from search.engines import search_server


def write(author: Member, text: str, *, days_ago: float = 0, **fields: str) -> Post:
    """Create and index a post of the given age."""
    post = Post.objects.create(
        id=id_at(timezone.now() - timedelta(days=days_ago, seconds=2)),
        author=author,
        text=text,
        html=text,
        **{"state": Post.State.PUBLISHED, **fields},
    )
    index(posts=[post])
    return post


def index(posts: Iterable[Post] = (), members: Iterable[Member] = ()) -> None:
    index_posts(ids=[post.pk for post in posts])
    index_members(ids=[member.pk for member in members])
    if server := search_server():
        push_pending()
        server.refresh()
