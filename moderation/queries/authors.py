"""What is known of whoever wrote a post."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Member
from moderation.models import Decision, Review, fingerprint
from posts.models import Post

TRUST_LOST_FOR = timedelta(days=30)


class Trust(StrEnum):
    """How far a member's posts may go while nobody has a verdict on them."""

    NEW = "new"
    UNTRUSTED = "untrusted"
    ESTABLISHED = "established"


def trust_of(member: Member) -> Trust:
    """New by the time since joining; untrusted while a moderator's removal is younger than 30 days."""
    if untrusted_ids(timezone.now()).filter(author=member).exists():
        return Trust.UNTRUSTED
    return Trust.NEW if member.is_new else Trust.ESTABLISHED


def untrusted_ids(now: datetime) -> "QuerySet[Decision, int | None]":
    """Whose post a moderator removed lately and has not restored; lazy, a subquery."""
    return (
        Decision.objects.by_people()
        .filter(
            act=Decision.Act.REMOVE,
            at__gte=now - TRUST_LOST_FOR,
            post__state=Post.State.REMOVED,
            author__isnull=False,
        )
        .values_list("author_id", flat=True)
    )


def same_text_lately(post: Post) -> int:
    """How many other posts of the author said exactly this within a day."""
    return (
        Review.objects.filter(
            post__author_id=post.author_id,
            text_hash=fingerprint(post.text),
            created_at__gte=timezone.now() - timedelta(days=1),
        )
        .exclude(post=post)
        .values("post")
        .distinct()
        .count()
    )
