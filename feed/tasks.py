import logging

from celery import shared_task

from core.refusals import Refusal
from feed.actions import ranker, trends
from posts.events import PostHidden

log = logging.getLogger("kith.feed")


@shared_task
def compute_trends() -> None:
    """Every five minutes, so that what is shown is never older than ten."""
    trends.compute_trends()


@shared_task
def train_ranker() -> None:
    """Every night. A community with too little in its log goes on with the score by hand."""
    try:
        ranker.train_ranker()
    except Refusal as refusal:
        log.info("the ranker was not trained: %s", refusal)


def leave_trends(event: PostHidden) -> None:
    """A post was hidden; then we let it leave the trends."""
    trends.leave_trends(post_id=event.post_id)
