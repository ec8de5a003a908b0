from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from core.events import deliver_pending
from moderation.models import Decision, Review
from moderation.tasks import run_review
from tests.factories import make_member, make_post
from tests.services.claude import Claude


@pytest.fixture(scope="session")
def claude_server() -> Iterator[Claude]:
    import anthropic  # noqa: F401  # what takes a second on loading is no delay of the service

    server = Claude()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def claude(claude_server: Claude, settings) -> Claude:
    """Configure an API key and a fake Claude, which judges everything safe unless a test sets other answers."""
    claude_server.forget()
    settings.ANTHROPIC_API_KEY = "sk-test"
    settings.ANTHROPIC_BASE_URL = claude_server.url
    settings.ANTHROPIC_TIMEOUT = 2.0
    return claude_server


@pytest.fixture
def newcomer(db):
    """Create a member who joined today."""
    return make_member("newcomer", joined_at=timezone.now())


@pytest.fixture
def untrusted(moderator):
    """Create an established member whose last post was removed by a moderator."""
    from moderation.actions import decide_post

    member = make_member("untrusted")
    decide_post(post_id=make_post(member, "Bad").id, by=moderator, act=Decision.Act.REMOVE, reason="Bad.")
    return member


@pytest.fixture
def deliver(db):
    """Return a function that delivers events without running the jobs they send, as without a broker."""
    return deliver_pending


@pytest.fixture
def review(deliver):
    """Return a function that runs all waiting reviews once, or `attempts` times."""

    def run(*, attempts: int = 1) -> None:
        deliver()
        for _ in range(attempts):
            waiting = Review.objects.waiting()
            waiting.update(due_at=timezone.now() - timedelta(seconds=1))
            for before in list(waiting.order_by("id")):
                # Skip reviews that an earlier one has included in its batch.
                if Review.objects.filter(pk=before.pk, due_at=before.due_at).exists():
                    run_review(before.pk)
            deliver()

    return run
