"""Then we review what was written."""

from celery import shared_task

from core.jobs import enqueue
from moderation import actions, gateway
from moderation.actions import decide_review, request_review, request_reviews_of_withheld
from moderation.actions.reviews import GATHERING
from moderation.queries import due_reviews, overdue_reviews
from posts.events import PostEdited, PostHidden, PostWritten
from social.events import PrivacyChanged

SWEEP = 2.0
"""Seconds between two sweeps (config/schedule.py)."""
AT_ONCE = 200


def review_post(event: PostWritten | PostEdited) -> None:
    """… write down that this wording waits for review, and send the job that does it."""
    review = request_review(post_id=event.post_id)
    if review is not None:
        enqueue(run_review, review.id, countdown=GATHERING if gateway.is_configured() else None)


def review_what_turned_public(event: PrivacyChanged) -> None:
    """… have the model look at what it was not shown as long as only followers could read it."""
    if not event.is_private and gateway.is_configured():
        enqueue(review_withheld, event.member_id)


def close_case_of_deleted_post(event: PostHidden) -> None:
    """… close what was open about a post that its author deleted."""
    if event.by_author:
        actions.close_case_of_deleted_post(post_id=event.post_id)


@shared_task
def run_review(review_id: int) -> None:
    """Make one attempt at a review, and at others that are due with it. It waits for the model."""
    for again, seconds in decide_review(review_id=review_id):
        enqueue(run_review, again, countdown=seconds)


@shared_task
def review_withheld(member_id: int) -> None:
    requested, more = request_reviews_of_withheld(author_id=member_id, at_most=AT_ONCE)
    for review in requested:
        enqueue(run_review, review.id, countdown=GATHERING)
    if more:
        enqueue(review_withheld, member_id)


@shared_task
def sweep_reviews() -> None:
    """End the waiting of those whose time is over, and send every other review that is due: after a crash, or a broker
    that lost the job. It waits for nobody, so that it comes in time when the model keeps every other worker waiting.
    """
    for review_id in overdue_reviews()[:AT_ONCE]:
        decide_review(review_id=review_id)
    for review_id in due_reviews()[:AT_ONCE]:
        # The next sweep sends again what has not begun by then.
        enqueue(run_review, review_id, expires=SWEEP)
