"""Race posts with the same link for its card, while unused cards are deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from posts.actions import delete_unused_link_cards, links, write_post
from posts.models import LinkCard, Post
from tests.factories import make_member
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]
NEW, OLD = "https://example.org/new", "https://example.org/old"


def test_32_posts_with_the_same_link_share_one_card_while_unused_ones_are_deleted(
    race, settings, monkeypatch
):
    settings.LINK_CARDS = True
    # Nothing is fetched.
    monkeypatch.setattr(links, "enqueue", lambda *job: None)
    authors = [make_member() for _ in range(PARALLEL - 2)]

    def round_of(number):
        LinkCard.objects.all().delete()
        LinkCard.objects.create(url=OLD, linked_at=timezone.now() - timedelta(days=2))
        calls: list[Any] = [
            lambda by=by, url=url: write_post(by=by, text=f"Read {url}")
            for by, url in zip(authors, [NEW, OLD] * PARALLEL, strict=False)
        ]
        return [delete_unused_link_cards, *calls, delete_unused_link_cards]

    def check(results):
        written = Post.objects.filter(pk__in=[result.pk for result in results if isinstance(result, Post)])
        assert written.count() == len(authors)
        assert not written.filter(link_card=None).exists()
        assert LinkCard.objects.count() == 2
        return LinkCard.objects.count()

    race.run(round_of, check)
