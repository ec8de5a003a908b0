"""Reviewing posts: subscribers and jobs."""

from celery import shared_task

from core.jobs import enqueue
from moderation import actions, gateway
from moderation.actions import decide_review, request_review, request_reviews_of_withheld
from moderation.actions.reviews import BATCH_DELAY
from moderation.queries import due_reviews, overdue_reviews
from posts.events import PostEdited, PostHidden, PostWritten
from social.events import PrivacyChanged

SWEEP = 2.0
"""Seconds between two sweeps (config/schedule.py)."""
SWEEP_SIZE = 200
"""Reviews in one sweep, or in one job."""


def review_post(event: PostWritten | PostEdited) -> None:
    """Request a review of this version of the post."""
    review = request_review(post_id=event.post_id)
    if review is not None:
        enqueue(run_review, review.id, countdown=BATCH_DELAY if gateway.is_configured() else None)


def review_posts_of_public_account(event: PrivacyChanged) -> None:
    """Let the model review the posts that weren't sent to it while the account was private."""
    if not event.is_private and gateway.is_configured():
        enqueue(review_withheld, event.member_id)


def close_case_of_deleted_post(event: PostHidden) -> None:
    """Close the case of a post that its author deleted."""
    if event.by_author:
        actions.close_case_of_deleted_post(post_id=event.post_id)


@shared_task
def run_review(review_id: int) -> None:
    """Attempt a review, and others that are due with it. Waits for the model."""
    for again, seconds in decide_review(review_id=review_id):
        enqueue(run_review, again, countdown=seconds)


@shared_task
def review_withheld(member_id: int) -> None:
    requested, more = request_reviews_of_withheld(author_id=member_id, at_most=SWEEP_SIZE)
    for review in requested:
        enqueue(run_review, review.id, countdown=BATCH_DELAY)
    if more:
        enqueue(review_withheld, member_id)


@shared_task
def sweep_reviews() -> None:
    """Decide overdue reviews without the model, and send a job for every other review that is due.

    It never waits for the model, so it is on time even when all other workers do.
    """
    for review_id in overdue_reviews()[:SWEEP_SIZE]:
        decide_review(review_id=review_id)
    for review_id in due_reviews()[:SWEEP_SIZE]:
        # The next sweep sends a new job for what hasn't begun by then.
        enqueue(run_review, review_id, expires=SWEEP)
