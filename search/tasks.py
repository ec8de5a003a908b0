"""Jobs that keep the index."""

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
from search.models import Pending, Renewal
from social.events import MemberFollowed, MemberUnfollowed, PrivacyChanged

log = logging.getLogger("kith.search")

BUILT_BY_ITSELF = 50_000
"""An index of no more posts than this is built by the sweep when the search server has none."""


def index_post(event: PostPublished | PostEdited | PostHidden | PostRestored) -> None:
    actions.index_posts(ids=[event.post_id])
    _push_soon()


def index_member(event: MemberJoined | ProfileEdited | AccountClosed | AccountOpened) -> None:
    actions.index_members(ids=[event.member_id])
    _push_soon()


def index_author(event: ProfileEdited | PrivacyChanged | AccountClosed | AccountOpened) -> None:
    """Then what they wrote is found by their new name, or by others than before."""
    _go_on_with_author(event.member_id, actions.index_author(member_id=event.member_id))
    _push_soon()


def refresh_followers(event: MemberFollowed | MemberUnfollowed) -> None:
    actions.note_followers(member_id=event.followee_id)


def refresh_followers_around(event: AccountClosed | AccountOpened) -> None:
    """Whoever the member follows has one follower more or less."""
    _go_on_refreshing(event.member_id, actions.note_followed(member_id=event.member_id))


@shared_task
def refresh_more_followers(member_id: int, after_id: int) -> None:
    _go_on_refreshing(member_id, actions.note_followed(member_id=member_id, after_id=after_id))


def _go_on_refreshing(member_id: int, after_id: int) -> None:
    if after_id:
        enqueue(refresh_more_followers, member_id, after_id)
    _push_soon()


@shared_task
def index_more_of_author(member_id: int, after_id: int) -> None:
    _go_on_with_author(member_id, actions.index_author(member_id=member_id, after_id=after_id))


def _go_on_with_author(member_id: int, after_id: int) -> None:
    if after_id:
        enqueue(index_more_of_author, member_id, after_id)


@shared_task
def push_pending() -> None:
    actions.push_pending()


@shared_task
def sweep() -> None:
    """Catch up with what the search server has missed, and build its index when it has none."""
    server = search_server()
    if server is None:
        return
    try:
        if not server.is_built():
            _build()
        # One at a time: the next sweep comes in seconds, a long one may still run; a killed one is not waited for long.
        if cache.add("search.sweep", 1, timeout=30):
            actions.push_pending()
            cache.delete("search.sweep")
    except EngineDown:
        cache.delete("search.sweep")


@shared_task
def renew_index() -> None:
    """After the analysis of words has changed: make the index anew, a step at a time."""
    if any(actions.renew_index(kind=kind) for kind in Renewal.Kind):
        enqueue(renew_index)


@shared_task
def forget_unused_words() -> None:
    """Every day: a word that only a deleted post had said is not suggested to anybody."""
    after = actions.forget_unused_words()
    while after:
        after = actions.forget_unused_words(after=after)


def _build() -> None:
    if Post.objects.count() > BUILT_BY_ITSELF:
        log.warning("The search server has no index yet: run `manage.py reindex`.")
        return
    with suppress(LeaseTaken):
        actions.rebuild_server(unless_built=True)


def _push_soon() -> None:
    if search_server() is not None and Pending.objects.exists():
        enqueue(push_pending)
