"""When a post changes, pages that show it are updated by live messages on its stream (posts.consumers).

{"type": "post.counted", "id": "42", "likes": 3, "replies": 1, "reposts": 2}
{"type": "post.changed", "id": "42"}                   refresh it (/posts/42/card): edited, or no longer pending
{"type": "post.state", "id": "42", "state": "held"}    to its author, on subscribing
{"type": "post.hidden", "id": "42"}                    remove it
{"type": "poll.counted", "id": "42", "voters": 7}      refresh its poll (/posts/42/poll): somebody voted
{"type": "poll.ended", "id": "42"}                     refresh its poll
"""

import logging
from datetime import timedelta

from celery import shared_task

from accounts.events import AccountClosed, AccountOpened
from core.jobs import enqueue
from core.streams import post_stream, publish
from posts import actions
from posts.actions import end_poll, write_views
from posts.actions.links import AT_ONCE as CARDS_AT_ONCE
from posts.actions.states import publish_changed
from posts.events import (
    PostEdited,
    PostHidden,
    PostLiked,
    PostPublished,
    PostReposted,
    PostRestored,
    PostUnliked,
    RepostUndone,
)
from posts.models import Draft, Like, LinkCard, Poll, Post, Repost
from posts.queries import counts_message
from social.events import PrivacyChanged

POLLS_AT_ONCE = 200
RETRY_AFTER = timedelta(minutes=1)
log = logging.getLogger("kith.posts")
SWEEP = 30.0
"""Seconds between two sweeps for link cards (config/schedule.py)."""
SWEEP_SIZE = 100
DRAFTS_AT_ONCE = 500
DRAFT_EXPIRES = 30.0
"""Seconds within which the job of a scheduled post must begin. While the queue is slow, a short time would let none."""
LATEST = 100
"""The number of a member's latest likes, reposts and replies whose counts are published when it changes."""


@shared_task
def end_polls() -> None:
    """End the polls whose time is over. One that fails is tried again after a while, and keeps no other waiting."""
    for post_id in Poll.objects.due_ids()[:POLLS_AT_ONCE]:
        try:
            end_poll(post_id=post_id)
        except Exception:
            log.exception("poll %s could not be ended", post_id)
            Poll.objects.filter(pk=post_id).postpone(RETRY_AFTER)


@shared_task
def count_views() -> None:
    """Write the views since the last run to the posts."""
    write_views()


def publish_counts(event: PostLiked | PostUnliked | PostReposted | RepostUndone) -> None:
    """Publish the post's counts to the pages that show it."""
    _publish_counts(event.post_id)


def publish_parent_counts(event: PostPublished | PostRestored | PostHidden) -> None:
    """Publish the parent's counts. A reply that not everyone may read isn't counted (posts.counters)."""
    reply = Post.objects.select_related("author").filter(pk=event.post_id).first()
    if reply is None or reply.in_reply_to_id is None:
        return
    if reply.author.is_public and reply.is_for_everyone:
        _publish_counts(reply.in_reply_to_id)


def publish_counts_around(event: AccountClosed | AccountOpened | PrivacyChanged) -> None:
    """Publish the counts of the posts that the member liked, reposted or replied to last."""
    reposted = Repost.objects.filter(member=event.member_id).order_by("-id").values_list("post_id", flat=True)
    liked = Like.objects.filter(member=event.member_id).order_by("-id").values_list("post_id", flat=True)
    answered = Post.objects.filter(author=event.member_id, in_reply_to__isnull=False).order_by("-id")
    replied = answered.values_list("in_reply_to_id", flat=True)
    for post_id in {*liked[:LATEST], *reposted[:LATEST], *replied[:LATEST]}:
        _publish_counts(post_id)


def publish_change(event: PostPublished | PostRestored | PostEdited) -> None:
    """Tell the pages that show the post to refresh it."""
    if Post.objects.filter(pk=event.post_id).exclude(state=Post.State.DELETED).exists():
        publish_changed([event.post_id])


def publish_quotes_changed(event: PostHidden | PostRestored | PostEdited) -> None:
    """Tell the pages that show the newest quotes of the post to refresh them."""
    quotes = Post.objects.filter(quote_of=event.post_id, state=Post.State.PUBLISHED, quote_revoked=False)
    publish_changed(quotes.order_by("-id").values_list("id", flat=True)[:LATEST])


def publish_hidden(event: PostHidden) -> None:
    """Tell the pages that show the post to remove it."""
    # Restored meanwhile: nothing to remove.
    if Post.objects.filter(pk=event.post_id, state=Post.State.PUBLISHED).exists():
        return
    message = {
        "type": "post.hidden",
        "id": str(event.post_id),
        "author": str(event.author_id),
        "by_author": event.by_author,
    }
    publish(post_stream(event.post_id), message)


@shared_task
def fetch_link_card(card_id: int) -> None:
    """Fetch one link card, then start those that waited for it to end. Waits for another site."""
    if actions.fetch_link_card(card_id=card_id):
        for next_id in LinkCard.objects.due_ids()[:CARDS_AT_ONCE]:
            enqueue(fetch_link_card, next_id, expires=SWEEP)


@shared_task
def fetch_due_link_cards() -> None:
    """Send a job for every link card that is due, whatever happened to the first one."""
    for card_id in LinkCard.objects.due_ids()[:SWEEP_SIZE]:
        # The next sweep sends a new job for what hasn't begun by then.
        enqueue(fetch_link_card, card_id, expires=SWEEP)


@shared_task
def delete_unused_link_cards() -> None:
    while actions.delete_unused_link_cards():
        pass


@shared_task
def send_draft(draft_id: int) -> None:
    actions.send_scheduled(draft_id=draft_id)


@shared_task
def send_due_drafts() -> None:
    """Send a job for each scheduled post that is due. The next sweep sends another for what hasn't begun by then."""
    for draft_id in Draft.objects.due_ids()[:DRAFTS_AT_ONCE]:
        enqueue(send_draft, draft_id, expires=DRAFT_EXPIRES)


def _publish_counts(post_id: int) -> None:
    for post in Post.objects.filter(pk=post_id, state=Post.State.PUBLISHED):
        publish(post_stream(post_id), counts_message(post), latest=True)
