"""Race writes to a member's own objects: lists, mutes, muted words, followed tags and dismissals."""

from typing import Any

import pytest

from accounts.models import Block
from posts.actions import follow_tag, unfollow_tag
from posts.models import TagFollow
from social.actions import block_member, dismiss_suggestion, mute_member, mute_word, unmute_member
from social.actions.lists import add_to_list, create_list, remove_from_list
from social.models import Dismissal, List, ListEntry, Mute, MutedWord
from tests.architecture.truth import broken_rules
from tests.factories import make_member, make_post
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]


def test_one_member_is_added_to_a_list_and_removed_32_times(race, rng):
    owner, member = make_member(), make_member()
    list_ = create_list(by=owner, title="Friends")

    def round_of(number):
        acts = [
            add_to_list if number % 2 == 0 or rng.random() < 0.6 else remove_from_list
            for _ in range(PARALLEL)
        ]
        return [lambda act=act: act(list_=list_, member=member, by=owner) for act in acts]

    def check(results):
        assert ListEntry.objects.count() <= 1
        return ListEntry.objects.count()

    race.run(round_of, check)


def test_members_are_added_to_a_list_while_they_and_its_owner_block(race, rng):
    owner, people = make_member(), [make_member() for _ in range(8)]
    list_ = create_list(by=owner, title="Friends")

    def round_of(number):
        Block.objects.all().delete()
        calls: list[Any] = [
            lambda member=member: add_to_list(list_=list_, member=member, by=owner) for member in people * 2
        ]
        calls += [lambda member=member: block_member(member=member, by=owner) for member in people]
        calls += [lambda by=by: block_member(member=owner, by=by) for by in people]
        rng.shuffle(calls)
        return calls

    def check(results):
        assert broken_rules() == []
        assert not ListEntry.objects.exists()
        return ListEntry.objects.count()

    race.run(round_of, check)


def test_a_list_with_the_same_title_is_created_32_times(race):
    owner = make_member()

    def round_of(number):
        List.objects.all().delete()
        return [
            lambda n=n: create_list(by=owner, title="Friends" if n % 2 else "FRIENDS")
            for n in range(PARALLEL)
        ]

    def check(results):
        assert List.objects.count() == 1
        return List.objects.count()

    race.run(round_of, check)


def test_one_member_is_muted_and_unmuted_32_times(race, rng):
    one, other = make_member(), make_member()

    def round_of(number):
        acts = [
            mute_member if number % 2 == 0 or rng.random() < 0.5 else unmute_member for _ in range(PARALLEL)
        ]
        return [lambda act=act: act(member=other, by=one) for act in acts]

    def check(results):
        assert Mute.objects.count() <= 1
        return Mute.objects.count()

    race.run(round_of, check)


def test_one_word_is_muted_32_times(race):
    one = make_member()

    def round_of(number):
        MutedWord.objects.all().delete()
        return [
            lambda n=n: mute_word(by=one, text="Spoiler" if n % 2 else "spoiler") for n in range(PARALLEL)
        ]

    def check(results):
        assert MutedWord.objects.count() == 1
        return MutedWord.objects.count()

    race.run(round_of, check)


def test_one_tag_is_followed_and_unfollowed_32_times(race, rng):
    one = make_member()
    make_post(make_member(), "Fresh #bread")

    def round_of(number):
        acts = [
            follow_tag if number % 2 == 0 or rng.random() < 0.5 else unfollow_tag for _ in range(PARALLEL)
        ]
        return [lambda act=act: act(name="bread", by=one) for act in acts]

    def check(results):
        assert TagFollow.objects.count() <= 1
        return TagFollow.objects.count()

    race.run(round_of, check)


def test_one_suggestion_is_dismissed_32_times(race):
    one, other = make_member(), make_member()

    def round_of(number):
        Dismissal.objects.all().delete()
        return [lambda: dismiss_suggestion(member=other, by=one)] * PARALLEL

    def check(results):
        assert results.count(True) == 1
        return Dismissal.objects.count()

    race.run(round_of, check)
