"""The posts of Atom feeds: what guests may see."""

from django.db.models.functions import Coalesce

from accounts.models import Member
from feed.queries.explore import latest_posts, posts_tagged
from posts.models import Post, Tag

LENGTH = 20


def latest_for_feed() -> list[Post]:
    return latest_posts(None, size=LENGTH).items


def tagged_for_feed(tag: Tag) -> list[Post]:
    return posts_tagged(tag, viewer=None, size=LENGTH).items


def posts_for_feed(member: Member) -> list[Post]:
    """Return the member's newest public posts that aren't replies."""
    # As in feed.queries.profile: SQLite reads the author's index.
    originals = Post.objects.annotate(answered=Coalesce("in_reply_to_id", 0)).filter(answered=0)
    public = originals.visible_to(None).listed().by_author(member)
    return list(public.with_card_fields().newest_first()[:LENGTH])
