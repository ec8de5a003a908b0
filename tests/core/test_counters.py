"""Recounting: drift is reported and corrected exactly, even during concurrent likes and follows."""

import logging
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.models import F

from accounts.models import Member
from config.counters import COUNTERS
from core.counters import drift_of, fix_counter
from moderation.actions import report_post
from moderation.models import Case
from posts.actions import bookmark_post, like_post, unlike_post
from posts.models import Post
from social.actions import follow_member, unfollow_member
from tests.factories import make_member, make_post
from tests.posts.conftest import at_once

EVERY = [
    "followers_count", "following_count", "likes_count", "quotes_count", "reposts_count", "bookmarks_count",
    "replies_count", "votes_count", "voters_count", "posts_count", "reports_count",
]  # fmt: skip


def broken_community(alice, bob, carol):
    post = make_post(alice)
    reply = make_post(bob, in_reply_to=post)
    for member in (bob, carol):
        follow_member(member=alice, by=member)
        like_post(post=post, by=member)
    bookmark_post(post=reply, by=carol)
    report_post(post=reply, by=carol, rule="spam")
    assert [drift_of(counter).off for counter in COUNTERS] == [{}] * len(EVERY)
    Member.objects.filter(pk__in=[alice.pk, bob.pk, carol.pk]).update(
        followers_count=F("followers_count") + 2
    )
    Member.objects.filter(pk=bob.pk).update(following_count=0, posts_count=40)
    Post.objects.filter(pk=post.pk).update(likes_count=7, replies_count=0)
    Post.objects.filter(pk=reply.pk).update(bookmarks_count=9, likes_count=1)
    Case.objects.update(reports_count=3)
    return post


@pytest.mark.django_db
def test_drift_is_reported_and_corrected(alice, bob, carol, capsys, caplog):
    post = broken_community(alice, bob, carol)
    with caplog.at_level(logging.WARNING, "kith.counters"):
        call_command("recount")
    assert capsys.readouterr().out.splitlines() == [
        "followers_count: 3 members wrong, drift 6",
        "following_count: 1 member wrong, drift 1",
        "likes_count: 2 posts wrong, drift 6",
        "quotes_count: correct",
        "reposts_count: correct",
        "bookmarks_count: 1 post wrong, drift 8",
        "replies_count: 1 post wrong, drift 1",
        "votes_count: correct",
        "voters_count: correct",
        "posts_count: 1 member wrong, drift 39",
        "reports_count: 1 case wrong, drift 2",
    ]
    assert len(caplog.messages) == 7
    assert "fixed followers_count: 3 members wrong, drift 6" in caplog.messages
    call_command("recount", check=True)
    assert capsys.readouterr().out.splitlines() == [f"{name}: correct" for name in EVERY]
    post.refresh_from_db()
    assert (post.likes_count, post.replies_count) == (2, 1)


@pytest.mark.django_db
def test_a_check_reports_drift_and_changes_nothing(alice, bob, carol, capsys):
    broken_community(alice, bob, carol)
    for _ in range(2):
        with pytest.raises(CommandError, match=r"Drifted: followers_count, .*reports_count") as told:
            call_command("recount", check=True)
        assert told.value.returncode == 1
        assert "followers_count: 3 members wrong, drift 6" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_long_table_is_read_in_chunks(alice, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("core.counters.CHUNK", 2)
    fans = [make_member() for _ in range(4)]
    for fan in fans:
        follow_member(member=alice, by=fan)
    Member.objects.get_queryset().update(following_count=5)
    following = next(counter for counter in COUNTERS if counter.name == "following_count")
    assert fix_counter(following).off == {alice.pk: 5, **{fan.pk: 4 for fan in fans}}
    with django_assert_num_queries(3 + 4):
        assert not fix_counter(following)


@pytest.mark.django_db
def test_the_report_count_of_a_closed_case_is_not_corrected(alice, bob):
    report_post(post=make_post(alice), by=bob, rule="spam")
    Case.objects.update(closed_at=F("opened_at"), reports_count=4)
    assert not any(drift_of(counter) for counter in COUNTERS)


@pytest.mark.django_db(transaction=True)
def test_recounting_during_concurrent_likes_and_follows_leaves_no_drift():
    """A change between reading and writing must be neither lost nor counted twice."""
    star, fans = make_member(), [make_member() for _ in range(4)]
    posts = [make_post(star) for _ in range(3)]
    over = threading.Event()
    fixed: list[int] = []

    def busy(number):
        by = fans[number]
        for turn in range(15):
            for post in posts if number % 2 else posts[::-1]:
                like = like_post if (turn + number) % 2 else unlike_post
                like(post=Post.objects.get(pk=post.pk), by=by)
            follow = follow_member if turn % 2 else unfollow_member
            follow(member=star, by=by)

    def breaking():
        while not over.is_set():
            # One row at a time: one UPDATE of many rows could deadlock with the follows.
            for post in posts:
                Post.objects.filter(pk=post.pk).update(likes_count=F("likes_count") + 3)
            for member in (star, *fans):
                Member.objects.filter(pk=member.pk).update(followers_count=F("followers_count") + 5)

    def mending():
        while not over.is_set():
            fixed.append(sum(len(fix_counter(counter).off) for counter in COUNTERS))

    def work():
        try:
            return at_once(*[lambda number=number: busy(number) for number in range(4)])
        finally:
            over.set()

    results = at_once(work, breaking, mending, mending)
    assert [result for result in [*results[0], *results[1:]] if result is not None] == []
    assert sum(fixed) > 0
    for counter in COUNTERS:
        fix_counter(counter)
        assert not drift_of(counter)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_locked_row_does_not_delay_the_others():
    one, two = make_member(), make_member()
    Member.objects.get_queryset().update(followers_count=9)
    followers = next(counter for counter in COUNTERS if counter.name == "followers_count")
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Member.objects.get_queryset().select_for_update(no_key=True).get(pk=one.pk)
            held.set()
            assert let_go.wait(20)
        connections.close_all()

    def watch():
        held.wait(20)
        while Member.objects.get(pk=two.pk).followers_count:
            let_go.wait(0.01)
        let_go.set()

    def mend_then():
        held.wait(20)
        return fix_counter(followers).off

    results = at_once(hold, watch, mend_then)
    assert results == [None, None, {one.pk: 9, two.pk: 9}]
