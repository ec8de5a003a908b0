"""Factories of members and posts that use the site's own actions."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from core.events import deliver_pending
from posts.models import Post

_number = itertools.count(1)


def make_member(username: str | None = None, **fields: Any) -> Member:
    """Create an established member (joined a month ago) with the password "correct horse"."""
    name = username or f"member{next(_number)}"
    fields.setdefault("joined_at", timezone.now() - timedelta(days=30))
    return Member.objects.create_user(name, f"{name}@example.com", "correct horse", **fields)


def make_post(
    author: Member,
    text: str = "Hello",
    *,
    in_reply_to: Post | None = None,
    published: bool = True,
    **options: Any,
) -> Post:
    """Create a published post with these options (PostOptions); its events wait until `deliver_pending()`."""
    from posts.actions import publish_post, write_post
    from posts.options import PostOptions

    post = write_post(by=author, text=text, in_reply_to=in_reply_to, options=PostOptions(**options))
    if published:
        publish_post(post=post)
    post.refresh_from_db()
    return post


def close(member: Member, **changes: Any) -> None:
    """Close the account as staff; with `deletion_requested_at`, as its owner did at that time."""
    from accounts.actions import change_status

    change_status(member=member, among=Member.objects.get_queryset(), is_active=False, **changes)


def reopen(member: Member) -> None:
    from accounts.actions import change_status

    change_status(member=member, among=Member.objects.get_queryset(), is_active=True)


@pytest.fixture
def alice(db: None) -> Member:
    return make_member("alice", display_name="Alice")


@pytest.fixture
def bob(db: None) -> Member:
    return make_member("bob", display_name="Bob")


@pytest.fixture
def carol(db: None) -> Member:
    return make_member("carol", display_name="Carol")


@pytest.fixture
def moderator(db: None) -> Member:
    return make_member("mod", is_moderator=True)


@pytest.fixture
def deliver(django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """Return a function that delivers all waiting events and runs the jobs they send."""

    def run() -> None:
        for _ in range(5):
            with django_capture_on_commit_callbacks(execute=True):
                if not deliver_pending():
                    return

    return run
