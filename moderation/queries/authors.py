"""What is known about the author of a post."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Member
from moderation.models import Decision, Review, fingerprint
from posts.models import Post

UNTRUSTED_FOR = timedelta(days=30)


class Trust(StrEnum):
    """How a member's posts are treated while there is no verdict on them."""

    NEW = "new"
    UNTRUSTED = "untrusted"
    ESTABLISHED = "established"


def trust_of(member: Member) -> Trust:
    """Return whether the member is new, untrusted (a post was removed in the last 30 days) or established."""
    if untrusted_ids(timezone.now()).filter(author=member).exists():
        return Trust.UNTRUSTED
    return Trust.NEW if member.is_new else Trust.ESTABLISHED


def untrusted_ids(now: datetime) -> "QuerySet[Decision, int | None]":
    """Return the ids of members of whom a moderator removed a post lately and did not restore it; for a subquery."""
    return (
        Decision.objects.by_people()
        .filter(
            act=Decision.Act.REMOVE,
            at__gte=now - UNTRUSTED_FOR,
            post__state=Post.State.REMOVED,
            author__isnull=False,
        )
        .values_list("author_id", flat=True)
    )


def recent_duplicates(post: Post) -> int:
    """Count the author's other posts with exactly this text within a day."""
    return (
        Review.objects.filter(
            post__author_id=post.author_id,
            text_hash=fingerprint(post.words),
            created_at__gte=timezone.now() - timedelta(days=1),
        )
        .exclude(post=post)
        .values("post")
        .distinct()
        .count()
    )
