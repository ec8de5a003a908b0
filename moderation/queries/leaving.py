"""Which posts may be sent to a service outside."""

from django.db.models import Exists, OuterRef, Q

from moderation.models import Report
from posts.models import Post


def may_leave() -> Q:
    """The one rule of which posts may be sent outside. moderation.gateway asks it of what it is about to send, so that
    a change until then (an account turned private, a post deleted) still counts.

    What everyone may read may leave, and what a member has reported; a report that is answered opens nothing.
    """
    # Each thing that keeps a post from some readers is a line here.
    for_everyone = Q(author__is_private=False)
    reported = Exists(Report.objects.open().filter(post=OuterRef("pk")))
    there = Q(author__is_active=True) & ~Q(state__in=(Post.State.DELETED, Post.State.REMOVED))
    return there & (for_everyone | Q(reported))
