"""The poll, picture and pin of a post, which the posts of the matrix don't have: to whom they show, in every state in
which viewers differ.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from media.models import Attachment
from posts.actions.polls import create_poll
from posts.models import Post
from posts.polls import PollOptions
from tests.visibility.manifest import READERS, ROUTES, Route
from tests.visibility.matrix import Matrix
from tests.visibility.truth import STATES
from tests.visibility.world import Scene, build_world

NAMES = ("public", "held", "deleted", "made private", "unlisted", "followers only", "mentioned only")
VIEWERS = {"anonymous", "stranger", "follower", "mentioned", "blocked", "author"}
ONE_POST: dict[str, dict[str, Any]] = {
    "posts/<id:post_id>/card": {},
    "posts/<id:post_id>/media": {"shows": True},
    "posts/<id:post_id>/picture.jpg": {"may_miss": False},
    "posts/<id:post_id>/poll": {"shows": True},
    "posts/<id:post_id>/vote": {},
    "api/posts/<id:post_id>": {"verbs": ("GET",)},
    "api/posts/<id:post_id>/vote": {},
}
LISTS: dict[str, dict[str, Any]] = {
    "@<str:username>": {"finds": READERS},
    "@<str:username>/media": {"finds": READERS},
    "api/users/<id:user_id>/media": {"finds": READERS},
    "api/users/<id:user_id>/pins": {"finds": READERS},
    "api/search/posts": {"queries": ("q=quagga+has:media&limit=100",), "finds_with": ()},
}
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.usefixtures("_numbers_once")
def test_polls_pictures_and_pins_show_to_those_who_may_read_the_post() -> None:
    world = build_world([state for state in STATES if state.name in NAMES])
    for scene in world.scenes.values():
        _add_all(scene)
    findings, cells = [], 0
    for changes, forms in ((ONE_POST, ("fragment", "api")), (LISTS, ("page", "api"))):
        matrix = Matrix(world, _routes(changes), viewers=VIEWERS, forms=forms, is_slice=True).look()
        findings += matrix.findings
        cells += matrix.cells
    assert cells > 400
    assert findings == []


def _routes(changes: dict[str, dict[str, Any]]) -> list[Route]:
    rows = [replace(row, **changes[row.path]) for row in ROUTES if row.path in changes]
    assert len(rows) == len(changes)
    return rows


def _add_all(scene: Scene) -> None:
    """Add them after the post was hidden or deleted: only permissions may keep them from showing."""
    post, words = scene.post, f"qpost{scene.state.slug}q"
    poll = PollOptions(options=(f"Yes {words}", f"No {words}"))
    create_poll(post, poll)
    name = storages["private"].save(f"attachments/{words}.jpg", ContentFile(b"A picture"))
    Attachment.objects.create(
        owner=scene.author, post=post, kind=Attachment.Kind.IMAGE, state=Attachment.State.READY, alt=words,
        files=dict.fromkeys(("large.webp", "large.jpg", "small.webp", "small.jpg"), name),
        width=600, height=400, unattached_since=None,
    )  # fmt: skip
    now = timezone.now() - timedelta(minutes=1)
    Post.objects.filter(pk=post.pk).update(poll_text=poll.text, media_count=1, alt_text=words, pinned_at=now)
