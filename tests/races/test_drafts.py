"""Race what sends, moves, cancels and deletes one draft: it goes out once or not at all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from posts.actions import (
    create_draft,
    delete_draft,
    edit_draft,
    publish_draft,
    send_scheduled,
    write_thread,
)
from posts.actions import drafts as draft_actions
from posts.models import Draft, Post
from posts.options import PostContent
from tests.factories import make_member
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]


def contents(*texts):
    return [PostContent(text=text) for text in texts]


def due_draft(author):
    draft = create_draft(
        by=author, posts=contents("One", "Two"), scheduled_at=timezone.now() + timedelta(hours=1)
    )
    Draft.objects.filter(pk=draft.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    return draft


def test_a_scheduled_post_is_sent_by_32_at_once(race):
    author = make_member()

    def round_of(number):
        Post.objects.all().delete()
        draft = due_draft(author)
        return [
            (lambda: send_scheduled(draft_id=draft.pk))
            if place % 2
            else (lambda: publish_draft(draft_id=draft.pk, by=author).text == "One")
            for place in range(PARALLEL)
        ]

    def check(results):
        assert sorted(Post.objects.values_list("text", flat=True)) == ["One", "Two"]
        assert not Draft.objects.exists()
        return Post.objects.count()

    race.run(round_of, check)


def test_a_scheduled_post_is_sent_moved_cancelled_and_deleted_at_once(race, rng):
    author = make_member()

    def round_of(number):
        Post.objects.all().delete()
        Draft.objects.all().delete()
        draft = due_draft(author)
        later = timezone.now() + timedelta(hours=2)
        acts = [
            lambda: send_scheduled(draft_id=draft.pk),
            lambda: publish_draft(draft_id=draft.pk, by=author).text == "One",
            lambda: bool(edit_draft(draft=draft, by=author, scheduled_at=later)),
            lambda: bool(edit_draft(draft=draft, by=author, unschedule=True)),
            lambda: bool(edit_draft(draft=draft, by=author, posts=contents("One", "Other"))),
            lambda: delete_draft(draft=draft, by=author),
        ]
        return [rng.choice(acts) for _ in range(PARALLEL)]

    def check(results):
        # It is there as it was, was sent whole, or was deleted.
        assert Post.objects.count() + 2 * Draft.objects.count() in (0, 2)
        return Post.objects.count()

    race.run(round_of, check)


def test_the_last_free_place_is_taken_once(race, monkeypatch):
    author = make_member()
    monkeypatch.setattr(draft_actions, "DRAFTS_MAX", 3)

    def round_of(number):
        Draft.objects.all().delete()
        return [lambda: create_draft(by=author, posts=contents("One")) for _ in range(PARALLEL)]

    def check(results):
        assert Draft.objects.count() == 3
        return 3

    race.run(round_of, check)


def test_a_thread_with_one_key_is_written_once(race):
    author = make_member()

    def round_of(number):
        Post.objects.all().delete()
        return [
            lambda: write_thread(by=author, posts=contents("One", "Two"), idempotency_key=f"key {number}")[0]
            for _ in range(PARALLEL)
        ]

    def check(results):
        assert Post.objects.count() == 2
        assert len({post.pk for post in results}) == 1
        return 2

    race.run(round_of, check)
