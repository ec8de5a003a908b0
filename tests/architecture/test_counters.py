"""Stored counters change in the same transaction: after any history they equal a recount, and the invariants of
relations hold.
"""

import random
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import choose_interests, deactivate_member, erase_member, reactivate_member
from accounts.models import Member
from accounts.queries import topics
from config.counters import COUNTERS
from core.counters import drift_of
from core.refusals import Refusal
from moderation.actions import report_post
from posts.actions import (
    bookmark_post,
    delete_post,
    edit_post,
    follow_tag,
    hold_post,
    like_post,
    mute_thread,
    publish_post,
    remove_post,
    restore_post,
    unbookmark_post,
    unfollow_tag,
    unlike_post,
    unmute_thread,
    write_post,
)
from posts.models import Post
from social.actions import (
    approve_all_requests,
    approve_request,
    block_member,
    cancel_request,
    decline_request,
    dismiss_suggestion,
    follow_member,
    mute_member,
    mute_word,
    remove_follower,
    set_private,
    unblock_member,
    unfollow_member,
    unmute_member,
)
from social.actions.lists import add_to_list, create_list, delete_list, edit_list, remove_from_list
from social.models import List
from tests.architecture.truth import broken_rules
from tests.factories import close, make_member

STEPS, SEEDS = 10_000, [1, 2, 3, 4]
RETRY_EVERY = 250

Act = Callable[[], object]


class History:
    """Random actions of ten members and a moderator, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.members = [make_member(is_private=n % 4 == 0) for n in range(10)]
        self.keeper = make_member(is_staff=True, is_superuser=True)
        self.posts = [write_post(by=self.members[0], text="The first")]
        self.done: Tally[str] = Tally()
        self.acts = [(name, act) for name, (weight, act) in self._acts().items() for _ in range(weight)]

    def step(self) -> None:
        name, act = self.rng.choice(self.acts)
        try:
            act()
        except Refusal:
            return
        self.done[name] += 1

    def somebody(self) -> Member:
        # A fresh instance, as in a request.
        return Member.objects.get(pk=self.rng.choice(self.members).pk)

    def some_post(self) -> Post:
        # Mostly recent posts; their state may be outdated, as on an open page.
        return self.rng.choice(self.posts[-40:] if self.rng.random() < 0.8 else self.posts)

    def some_list(self) -> List:
        lists = list(List.objects.order_by("pk"))
        return self.rng.choice(lists) if lists else List(id=1)

    def _write(self) -> None:
        parent = self.some_post() if self.rng.random() < 0.6 else None
        text = f"Number {len(self.posts)} #tag{self.rng.randrange(4)}"
        self.posts.append(write_post(by=self.somebody(), text=text, in_reply_to=parent))

    def _by_author(self, act: Callable[[Post, Member], object]) -> None:
        post = self.some_post()
        act(post, Member.objects.get(pk=post.author_id))

    def _at_a_list(self, act: Callable[[List, Member], object]) -> None:
        found = self.some_list()
        owner = Member.objects.filter(lists=found).first() or self.somebody()
        act(found, owner)

    def _acts(self) -> dict[str, tuple[int, Act]]:
        some, post, rng = self.somebody, self.some_post, self.rng
        tag = lambda: f"tag{rng.randrange(4)}"  # noqa: E731
        return {
            "write": (8, self._write),
            "publish": (8, lambda: publish_post(post=post())),
            "like": (12, lambda: like_post(post=post(), by=some())),
            "unlike": (5, lambda: unlike_post(post=post(), by=some())),
            "bookmark": (5, lambda: bookmark_post(post=post(), by=some())),
            "unbookmark": (3, lambda: unbookmark_post(post=post(), by=some())),
            "hold": (2, lambda: hold_post(post=post(), reason="Looked at")),
            "remove": (2, lambda: remove_post(post=post(), reason="A rule")),
            "restore": (3, lambda: restore_post(post=post())),
            "report": (2, lambda: report_post(post=post(), by=some(), rule="spam")),
            "delete": (1, lambda: self._by_author(lambda post, by: delete_post(post=post, by=by))),
            "edit": (
                2,
                lambda: self._by_author(
                    lambda post, by: edit_post(post=post, by=by, text=f"Edited {rng.random()}")
                ),
            ),
            "mute thread": (1, lambda: mute_thread(post=post(), by=some())),
            "unmute thread": (1, lambda: unmute_thread(post=post(), by=some())),
            "follow tag": (2, lambda: follow_tag(name=tag(), by=some())),
            "unfollow tag": (1, lambda: unfollow_tag(name=tag(), by=some())),
            "follow": (16, lambda: follow_member(member=some(), by=some())),
            "unfollow": (3, lambda: unfollow_member(member=some(), by=some())),
            "remove follower": (2, lambda: remove_follower(follower=some(), by=some())),
            "cancel request": (1, lambda: cancel_request(member=some(), by=some())),
            "approve request": (4, lambda: approve_request(requester=some(), by=some())),
            "refuse request": (2, lambda: decline_request(requester=some(), by=some())),
            "approve all": (1, lambda: approve_all_requests(by=some())),
            "turn private": (2, lambda: set_private(by=some(), private=True)),
            "turn public": (2, lambda: set_private(by=some(), private=False)),
            "block": (2, lambda: block_member(member=some(), by=some())),
            "unblock": (8, lambda: unblock_member(member=some(), by=some())),
            "mute": (2, lambda: mute_member(member=some(), by=some())),
            "unmute": (1, lambda: unmute_member(member=some(), by=some())),
            "mute word": (1, lambda: mute_word(by=some(), text=f"word{rng.randrange(9)}")),
            "make list": (1, lambda: create_list(by=some(), title=f"List {rng.randrange(3)}")),
            "change list": (
                1,
                lambda: self._at_a_list(
                    lambda found, by: edit_list(list_=found, by=by, is_exclusive=rng.random() < 0.5)
                ),
            ),
            "delete list": (1, lambda: delete_list(list_=self.some_list(), by=some())),
            "add to list": (
                5,
                lambda: self._at_a_list(lambda found, by: add_to_list(list_=found, member=some(), by=by)),
            ),
            "remove from list": (
                2,
                lambda: self._at_a_list(
                    lambda found, by: remove_from_list(list_=found, member=some(), by=by)
                ),
            ),
            "dismiss": (1, lambda: dismiss_suggestion(member=some(), by=some())),
            "choose interests": (
                1,
                lambda: choose_interests(by=some(), topics=[t.key for t in rng.sample(list(topics()), 3)]),
            ),
            "deactivate": (1, lambda: deactivate_member(member=some(), by=self.keeper)),
            "reactivate": (4, lambda: reactivate_member(member=some(), by=self.keeper)),
        }


def drifts() -> Iterator[str]:
    return (str(drift) for drift in map(drift_of, COUNTERS) if drift)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_after_random_actions_every_counter_equals_a_recount(seed: int) -> None:
    history = History(seed)
    for number in range(1, STEPS // len(SEEDS) + 1):
        history.step()
        if number % RETRY_EVERY == 0:
            assert broken_rules() == [], f"after step {number}"
            assert list(drifts()) == [], f"after step {number}"
    assert history.done.keys() == {name for name, _ in history.acts}, "some act was refused each time"
    assert history.done.total() > STEPS // len(SEEDS) / 2
    states = set(Post.objects.values_list("state", flat=True))
    assert len(states) == len(Post.State), f"the history reached only {states}"

    long_ago = timezone.now() - timedelta(days=365)
    for member in history.members[:3]:
        close(member, deletion_requested_at=long_ago)
        assert list(drifts()) == []
        assert erase_member(member_id=member.pk)
        assert broken_rules() == []
        assert list(drifts()) == []
