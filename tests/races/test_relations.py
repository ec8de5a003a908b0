"""Race follows, follow requests, blocks and privacy changes: each sees all of an earlier one or nothing."""

import random
from typing import Any

import pytest

from accounts.models import Block, Member
from core.models import OutboxEvent
from social.actions import (
    approve_all_requests,
    approve_request,
    block_member,
    cancel_request,
    decline_request,
    follow_member,
    remove_follower,
    set_private,
    unblock_member,
    unfollow_member,
)
from social.models import Follow, FollowRequest
from tests.factories import make_member
from tests.races.arena import PARALLEL, rules_hold
from tests.races.doors import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("many_writes", "no_worker")]


def the(member):
    return Member.objects.get(pk=member.pk)


def test_many_follow_and_unfollow_one_member_through_page_and_api(race, rng):
    star = make_member()
    visitors = [Visitor(make_member(), api=n % 2 == 0) for n in range(PARALLEL)]
    wanted: dict[Visitor, bool] = {}

    def round_of(number):
        wanted.update((visitor, rng.random() < 0.6) for visitor in visitors)
        return [
            lambda visitor=visitor, will=wanted[visitor]: visitor.follow(star, will) for visitor in visitors
        ]

    def check(results):
        assert set(Follow.objects.of(star).values_list("follower_id", flat=True)) == {
            visitor.member.pk for visitor, will in wanted.items() if will
        }
        return rules_hold()

    race.run(round_of, check)


def test_one_member_follows_another_32_times_through_page_and_api(race):
    one, other = make_member(), make_member()
    visitors = [Visitor(one, api=n % 2 == 0) for n in range(PARALLEL)]

    def round_of(number):
        unfollow_member(member=other, by=one)
        return [lambda visitor=visitor: visitor.follow(other, True) for visitor in visitors]

    def check(results):
        assert Follow.objects.count() == 1
        return rules_hold()

    race.run(round_of, check)


def test_two_members_follow_and_unfollow_each_other(race, rng):
    pair = make_member(), make_member()

    def round_of(number):
        calls: list[Any] = []
        for n in range(PARALLEL):
            by, member = pair if n % 2 else pair[::-1]
            act = follow_member if number % 3 == 0 or rng.random() < 0.5 else unfollow_member
            calls.append(lambda act=act, by=by, member=member: act(member=the(member), by=by))
        return calls

    def check(results):
        assert Follow.objects.count() <= 2
        return rules_hold()

    race.run(round_of, check)


def test_members_follow_and_unfollow_each_other_and_remove_followers(race, rng):
    circle = [make_member() for _ in range(8)]

    def round_of(number):
        calls: list[Any] = []
        for _ in range(PARALLEL):
            by, member = rng.sample(circle, 2)
            act = rng.choice([follow_member, follow_member, unfollow_member, removed])
            calls.append(lambda act=act, by=by, member=member: act(member=member, by=by))
        return calls

    def removed(*, member, by):
        return remove_follower(follower=member, by=by)

    race.run(round_of, lambda results: rules_hold())


def test_members_block_each_other_while_they_follow(race, rng):
    people = [make_member() for _ in range(4)]

    def round_of(number):
        if number % 2 == 0:
            Block.objects.all().delete()
        calls: list[Any] = []
        for _ in range(PARALLEL):
            by, member = rng.sample(people, 2)
            act = rng.choices([follow_member, unfollow_member, block_member, unblock_member], [6, 1, 2, 1])[0]
            calls.append(lambda act=act, by=by, member=member: act(member=member, by=by))
        return calls

    def check(results):
        for one, other in Block.objects.values_list("blocker", "blocked"):
            assert not Follow.objects.filter(follower__in=[one, other], followee__in=[one, other]).exists()
        return rules_hold()

    race.run(round_of, check)


def test_a_follow_never_outlives_a_block(race, rng):
    """Nobody unblocks, so no follow is left, whichever came first."""
    people = [make_member() for _ in range(PARALLEL // 2)]
    star = make_member()

    def round_of(number):
        Block.objects.all().delete()
        calls: list[Any] = [lambda by=by: follow_member(member=the(star), by=by) for by in people]
        for n, by in enumerate(people):
            one, other = (star, by) if n % 2 else (by, star)
            calls.append(lambda one=one, other=other: block_member(member=other, by=one))
        rng.shuffle(calls)
        return calls

    def check(results):
        assert Block.objects.count() == len(people)
        assert not Follow.objects.exists()
        return rules_hold() + Block.objects.count()

    race.run(round_of, check)


def asked(star, people):
    """Make everyone's follow request pending."""
    Block.objects.all().delete()
    for by in people:
        unfollow_member(member=star, by=by)
        follow_member(member=star, by=by)
    assert FollowRequest.objects.count() == len(people)
    OutboxEvent.objects.all().delete()


def events(name, key):
    return [
        payload[key] for payload in OutboxEvent.objects.filter(name=name).values_list("payload", flat=True)
    ]


def test_a_request_is_approved_while_it_is_cancelled(race, rng):
    star, people = make_member(is_private=True), [make_member() for _ in range(8)]

    def round_of(number):
        asked(star, people)
        calls: list[Any] = [lambda by=by: approve_request(requester=by, by=star) for by in people * 2]
        calls += [lambda by=by: cancel_request(member=star, by=by) for by in people * 2]
        rng.shuffle(calls)
        return calls

    def check(results):
        # Each request ended once, in a follow or a withdrawal, each with one event.
        let_in = events("social.FollowRequestApproved", "requester_id")
        withdrawn = events("social.FollowRequestWithdrawn", "requester_id")
        assert sorted(let_in + withdrawn) == sorted(by.pk for by in people)
        assert results.count(True) == len(people)
        assert sorted(Follow.objects.values_list("follower_id", flat=True)) == sorted(let_in)
        assert not FollowRequest.objects.exists()
        return rules_hold()

    race.run(round_of, check)


def test_a_request_is_approved_while_it_is_declined_and_a_block_is_created(race, rng):
    star, people = make_member(is_private=True), [make_member() for _ in range(8)]

    def round_of(number):
        asked(star, people)
        calls: list[Any] = [lambda by=by: approve_request(requester=by, by=star) for by in people]
        calls += [lambda by=by: decline_request(requester=by, by=star) for by in people]
        calls += [lambda by=by: block_member(member=by, by=star) for by in people[:4]]
        calls += [lambda by=by: block_member(member=star, by=by) for by in people[4:]]
        calls += [lambda by=by: follow_member(member=star, by=by) for by in people[::2]]
        calls += [lambda: approve_all_requests(by=star)] * (PARALLEL - len(calls))
        rng.shuffle(calls)
        return calls

    def check(results):
        assert Block.objects.count() == len(people)
        assert not Follow.objects.exists()
        assert not FollowRequest.objects.exists()
        return rules_hold() + Block.objects.count()

    race.run(round_of, check)


def test_an_account_turns_private_and_public_while_many_follow_it(race, rng):
    star, people = make_member(), [make_member() for _ in range(PARALLEL - 8)]

    def round_of(number):
        acts = rng.choices([follow_member, unfollow_member], [3, 1], k=len(people))
        calls: list[Any] = [
            lambda by=by, act=act: act(member=the(star), by=by) for by, act in zip(people, acts, strict=True)
        ]
        private = [number % 2 == 0] * 5 + [number % 2 == 1] * 2
        calls += [lambda private=private: set_private(by=the(star), private=private) for private in private]
        calls.append(lambda: bool(approve_all_requests(by=star)))
        rng.shuffle(calls)
        return calls

    race.run(round_of, lambda results: rules_hold())


def test_an_account_changes_its_privacy_once_while_many_follow_it(race, rng):
    """Follows before a change to private stay; later ones become requests. A public account has no requests left."""
    people = [make_member() for _ in range(PARALLEL - 1)]
    star = make_member()

    def round_of(number):
        private = number % 2 == 0
        set_private(by=the(star), private=not private)
        for by in people:
            unfollow_member(member=star, by=by)
        calls: list[Any] = [lambda by=by: follow_member(member=the(star), by=by) for by in people]
        calls.append(lambda: set_private(by=the(star), private=private))
        rng.shuffle(calls)
        return calls

    def check(results):
        assert results.count(True) == PARALLEL
        assert Follow.objects.count() + FollowRequest.objects.count() == len(people)
        return rules_hold()

    race.run(round_of, check)


def test_members_change_their_relations_at_random(race, rng):
    circle = [make_member(is_private=n % 3 == 0) for n in range(6)]

    def any_call(rng: random.Random):
        by, member = rng.sample(circle, 2)
        act = rng.choice(
            [
                lambda: follow_member(member=member, by=by),
                lambda: follow_member(member=member, by=by),
                lambda: follow_member(member=member, by=by),
                lambda: unfollow_member(member=member, by=by),
                lambda: cancel_request(member=member, by=by),
                lambda: approve_request(requester=member, by=by),
                lambda: decline_request(requester=member, by=by),
                lambda: remove_follower(follower=member, by=by),
                lambda: block_member(member=member, by=by),
                lambda: unblock_member(member=member, by=by),
                lambda: unblock_member(member=member, by=by),
                lambda: set_private(by=the(by), private=rng.random() < 0.5),
                lambda: bool(approve_all_requests(by=by)),
            ]
        )
        return act

    race.run(lambda number: [any_call(rng) for _ in range(PARALLEL)], lambda results: rules_hold())
