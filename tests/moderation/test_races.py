"""Concurrent reports, decisions and reviews, with real commits."""

from functools import partial

import pytest

from core.events import deliver_pending
from core.refusals import Conflict
from moderation.actions import decide_post, decide_review, report_post, request_review
from moderation.models import Case, Decision, Report, Review
from moderation.queries import queue_item
from posts.actions import edit_post, publish_post, write_post
from posts.models import Post
from tests.factories import make_member
from tests.posts.conftest import at_once
from tests.services.claude import verdict

pytestmark = pytest.mark.django_db(transaction=True)


def published(author, text="Hello"):
    """Create and review posts; in these tests every commit runs its jobs."""
    post = write_post(by=author, text=text)
    deliver_pending()
    publish_post(post=post)
    return post


def test_concurrent_reports_of_a_post_open_one_case_with_the_right_count():
    post = published(make_member("walt"))
    reporters = [make_member() for _ in range(4)]
    results = at_once(*[lambda by=by: report_post(post=post, by=by, rule="spam") for by in reporters * 2])
    assert sorted(results) == [False] * 4 + [True] * 4
    assert Report.objects.count() == 4
    assert Case.objects.get().reports_count == 4


def test_one_of_several_concurrent_decisions_succeeds():
    post = published(make_member("walt"))
    report_post(post=post, by=make_member("rita"), rule="spam")
    moderators = [make_member(f"judge{n}", is_moderator=True) for n in range(4)]
    seen = queue_item(post.id, moderators[0]).seen
    results = at_once(
        *[
            lambda by=by, act=act: decide_post(post_id=post.id, by=by, act=act, reason="So.", seen=seen)
            for by, act in zip(moderators, ["remove", "dismiss", "remove", "dismiss"], strict=True)
        ]
    )
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert Decision.objects.by_people().count() == 1
    assert not Case.objects.open().exists()
    assert not Report.objects.open().exists()


def test_concurrent_workers_ask_the_model_once(claude):
    post = write_post(by=make_member("walt"), text="Hello")
    deliver_pending()
    Post.objects.update(state=Post.State.PENDING)
    claude.requests.clear()
    waiting = request_review(post_id=post.id)
    assert waiting is not None
    at_once(*[lambda: decide_review(review_id=waiting.id)] * 4)
    assert len(claude.requests) == 1
    assert Review.objects.get(pk=waiting.pk).state == Review.State.DONE


def test_concurrent_edits_and_verdicts_publish_only_a_version_found_safe(claude):
    """The author makes the text unsafe while the review of the earlier one is decided."""

    def judge(asked):
        bad = "bad" in asked["messages"][0]["content"]
        return verdict(
            safe=not bad, category="hate" if bad else "none", confidence=0.99, reason="Bad." if bad else ""
        )

    def edit_anew(post_id, author):
        edit_post(post=Post.objects.get(pk=post_id), by=author, text="something bad")

    claude.answer_to = judge
    for n in range(5):
        author = make_member(f"walt{n}")
        post = Post.objects.create(author=author, text="good", html="good")
        waiting = request_review(post_id=post.id)
        assert waiting is not None
        at_once(partial(edit_anew, post.id, author), partial(decide_review, review_id=waiting.id))
        deliver_pending()
        for review in Review.objects.waiting():
            decide_review(review_id=review.id)
        post.refresh_from_db()
        assert (post.text, post.state) == ("something bad", Post.State.HELD)
