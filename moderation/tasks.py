"""Then we review what was written."""

from celery import shared_task

from core.jobs import enqueue
from moderation.actions import decide_review, let_go_of_post, request_review
from moderation.models import Review
from posts.events import PostEdited, PostHidden, PostWritten

SWEEP = 200


def review_post(event: PostWritten | PostEdited) -> None:
    """… write down that this wording waits for review, and send the job that does it."""
    review = request_review(post_id=event.post_id)
    if review is not None:
        enqueue(run_review, review.id)


def let_go_of_deleted_post(event: PostHidden) -> None:
    """… close what was open about a post that its author deleted."""
    if event.by_author:
        let_go_of_post(post_id=event.post_id)


@shared_task
def run_review(review_id: int) -> None:
    """Make one attempt at a review."""
    decide_review(review_id=review_id)


@shared_task
def sweep_reviews() -> None:
    """Send every review that is due: after a back-off, a crash, or a broker that lost the job."""
    for review_id in Review.objects.due().order_by("due_at").values_list("id", flat=True)[:SWEEP]:
        enqueue(run_review, review_id)
