"""Jobs that keep the index up to date."""

import logging
from contextlib import suppress

from celery import shared_task
from django.core.cache import cache

from accounts.events import AccountClosed, AccountOpened, MemberJoined, ProfileEdited
from core.jobs import enqueue
from core.leases import LeaseTaken
from posts.events import PostEdited, PostHidden, PostPublished, PostRestored
from posts.models import Post
from search import actions
from search.engines import search_server
from search.engines.base import EngineDown
from search.kinds import KINDS
from search.models import Pending
from social.events import MemberFollowed, MemberUnfollowed, PrivacyChanged

log = logging.getLogger("kith.search")

MAX_AUTOMATIC_BUILD = 50_000
"""With up to this many posts, the sweep builds the index of a search server that has none."""


def index_post(event: PostPublished | PostEdited | PostHidden | PostRestored) -> None:
    actions.index_posts(ids=[event.post_id])
    _push_soon()


def index_member(event: MemberJoined | ProfileEdited | AccountClosed | AccountOpened) -> None:
    actions.index_members(ids=[event.member_id])
    _push_soon()


def index_author(event: ProfileEdited | PrivacyChanged | AccountClosed | AccountOpened) -> None:
    """Update the author terms and the audience of the member’s posts."""
    _continue_author(event.member_id, actions.index_author(member_id=event.member_id))
    _push_soon()


def update_follower_count(event: MemberFollowed | MemberUnfollowed) -> None:
    actions.queue_follower_count(member_id=event.followee_id)


def update_followees(event: AccountClosed | AccountOpened) -> None:
    """Update everyone the member follows: they have one follower more or less."""
    _continue_followees(event.member_id, actions.queue_followees(member_id=event.member_id))


@shared_task
def continue_followees(member_id: int, after_id: int) -> None:
    _continue_followees(member_id, actions.queue_followees(member_id=member_id, after_id=after_id))


def _continue_followees(member_id: int, after_id: int) -> None:
    if after_id:
        enqueue(continue_followees, member_id, after_id)
    _push_soon()


@shared_task
def continue_author(member_id: int, after_id: int) -> None:
    _continue_author(member_id, actions.index_author(member_id=member_id, after_id=after_id))


def _continue_author(member_id: int, after_id: int) -> None:
    if after_id:
        enqueue(continue_author, member_id, after_id)


@shared_task
def push_pending() -> None:
    actions.push_pending()


@shared_task
def sweep() -> None:
    """Push what is pending to the search server, and build its index if it has none."""
    server = search_server()
    if server is None:
        return
    try:
        if not server.is_built():
            _build()
        # One at a time: the next sweep comes in seconds while a long one may still run. A killed one blocks it briefly.
        if cache.add("search.sweep", 1, timeout=30):
            actions.push_pending()
            cache.delete("search.sweep")
    except EngineDown:
        cache.delete("search.sweep")


@shared_task
def renew_index() -> None:
    """Continue to index everything again, a step at a time, after the analysis has changed."""
    if any(actions.renew_index(kind=kind) for kind in KINDS):
        enqueue(renew_index)


@shared_task
def delete_unused_terms() -> None:
    """Delete, every day, terms that only deleted posts had, so no correction suggests them."""
    after = actions.delete_unused_terms()
    while after:
        after = actions.delete_unused_terms(after=after)


def _build() -> None:
    if Post.objects.count() > MAX_AUTOMATIC_BUILD:
        log.warning("The search server has no index yet: run `manage.py reindex`.")
        return
    with suppress(LeaseTaken):
        actions.rebuild_server(unless_built=True)


def _push_soon() -> None:
    if search_server() is not None and Pending.objects.exists():
        enqueue(push_pending)
