"""Count views: once for each member and hour, and written in batches (docs/counts.md, decision 44)."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, F, When

from accounts.models import Member
from core.tallies import Tally
from posts.models import Post

VIEWS = Tally("views", period=3600)
CHUNK = 200


def record_views(*, posts: Iterable[tuple[int, int]], by: Member | None) -> None:
    """Count that `by` has seen these posts, given as (id, author), all of which they may see.

    Visitors and authors aren't counted. No query.
    """
    if by is not None:
        VIEWS.add({post_id: f"{post_id}.{by.pk}" for post_id, author_id in posts if author_id != by.pk})


def write_views() -> int:
    """Add the views that were counted since the last time. Return how many.

    They are taken before they are written, so that a crash may lose some but never counts any twice.
    """
    left = VIEWS.take()
    taken = sum(left.values())
    try:
        add_views(views=left)
    finally:
        VIEWS.give_back(left)
    return taken - sum(left.values())


def add_views(*, views: dict[int, int]) -> None:
    """Add these views (post → how many) to the posts, and remove from `views` what has been committed."""
    ids = sorted(views)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        with transaction.atomic():
            # Locked in the order of ids, like everywhere: one UPDATE of several rows would lock them in any order.
            there = Post.objects.filter(pk__in=chunk).exclude(state=Post.State.DELETED).locked()
            steps = [When(pk=post_id, then=views[post_id]) for post_id in there.values_list("pk", flat=True)]
            if steps:
                posts = Post.objects.filter(pk__in=chunk)
                posts.update(views_count=F("views_count") + Case(*steps, default=0))
        for post_id in chunk:
            del views[post_id]
