from celery import shared_task

from feed.actions import trends
from posts.events import PostHidden


@shared_task
def compute_trends() -> None:
    """Every five minutes, so that what is shown is never older than ten."""
    trends.compute_trends()


def leave_trends(event: PostHidden) -> None:
    """A post was hidden; then we let it leave the trends."""
    trends.leave_trends(post_id=event.post_id)
