"""Which posts may be sent to an external service."""

from django.db.models import Exists, OuterRef, Q

from moderation.models import Report
from posts.models import FOR_EVERYONE, Post


def may_be_sent_outside() -> Q:
    """Return the condition for sending a post to an external service: public posts, and posts with an open report.

    moderation.gateway applies it when it sends, so that an account that has just turned private still counts.
    """
    # Every condition that hides a post from some readers must be here.
    for_everyone = Q(author__is_private=False, visibility__in=FOR_EVERYONE)
    reported = Exists(Report.objects.open().filter(post=OuterRef("pk")))
    exists = Q(author__is_active=True) & ~Q(state__in=(Post.State.DELETED, Post.State.REMOVED))
    return exists & (for_everyone | Q(reported))
