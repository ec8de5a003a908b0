"""Race votes and pins: each member counts once, and nobody pins one too many."""

from typing import Any

import pytest
from django.db import transaction

from core.refusals import Conflict, NotFound
from posts.actions import PINS_MAX, delete_post, edit_poll, pin_post, vote
from posts.models import Poll, Post, Vote
from tests.factories import close, make_member, make_post, reopen
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]

OPTIONS = ["Red", "Green", "Blue"]


def make_poll(author: Any, **more: Any) -> Post:
    return make_post(author, "Which?", poll={"options": OPTIONS, **more})


def the(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def test_one_member_votes_32_times(race):
    author, member = make_member(), make_member()
    posts = []

    def round_of(number):
        posts.append(make_poll(author))
        return [lambda n=n: vote(post=posts[-1], by=member, choices=[n % 3]) for n in range(PARALLEL)]

    def check(results):
        assert results.count(True) == 1
        assert all(result is True or result is False or isinstance(result, Conflict) for result in results)
        return Vote.objects.filter(poll=posts[-1].pk).count()

    assert race.run(round_of, check).rows == 1


def test_many_vote_in_one_poll_while_some_close_and_open_their_accounts(race, rng):
    members = [make_member() for _ in range(PARALLEL - 8)]
    post = make_poll(make_member(), multiple=True)

    def round_of(number):
        calls: list[Any] = [
            lambda by=by: vote(post=post, by=by, choices=rng.sample(range(3), rng.randint(1, 3)))
            for by in members
        ]
        act = close if number % 2 == 0 else reopen
        calls += [lambda member=member: act(member) for member in members[:8]]
        rng.shuffle(calls)
        return calls

    race.run(round_of, lambda results: Vote.objects.filter(place=0).count())


def test_options_change_and_the_post_is_deleted_while_many_vote(race, rng):
    author, members = make_member(), [make_member() for _ in range(PARALLEL - 4)]
    posts = []

    def change(post: Post, option: str) -> bool:
        with transaction.atomic():
            now = Post.objects.locked().get(pk=post.pk)
            if now.state == Post.State.DELETED:
                raise NotFound
            changed = edit_poll(post=now, chosen={"options": [*OPTIONS, option]})
            now.save(update_fields=["poll_text"])
        return changed

    def round_of(number):
        post = make_poll(author)
        posts.append(post)
        calls: list[Any] = [lambda by=by: vote(post=post, by=by, choices=[0]) for by in members]
        calls += [lambda n=n: change(post, f"Option {n}") for n in range(3)]
        calls += [lambda: number % 2 and delete_post(post=the(post), by=author)]
        rng.shuffle(calls)
        return calls

    def check(results):
        if the(posts[-1]).state == Post.State.DELETED:
            assert not Poll.objects.filter(pk=posts[-1].pk).exists()
        return Vote.objects.count()

    race.run(round_of, check)


def test_many_pin_their_posts_at_once(race):
    author = make_member()
    posts = [make_post(author) for _ in range(PARALLEL)]

    def round_of(number):
        Post.objects.update(pinned_at=None)
        return [lambda post=post: pin_post(post=the(post), by=author) for post in posts]

    def check(results):
        assert results.count(True) == PINS_MAX
        return Post.objects.pinned().count()

    assert race.run(round_of, check).rows == PINS_MAX
