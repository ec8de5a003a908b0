"""Counters stand beside the row and change in the same transaction: after any history they equal a recount."""

import random
from collections.abc import Callable

import pytest
from django.core.management import call_command

from accounts.models import Member
from core.refusals import Refusal
from posts.actions import (
    bookmark_post,
    delete_post,
    edit_post,
    hold_post,
    like_post,
    publish_post,
    remove_post,
    restore_post,
    unbookmark_post,
    unlike_post,
    write_post,
)
from posts.models import Post
from social.actions import follow_member, unfollow_member
from tests.factories import make_member

STEPS = 1500


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_history_every_counter_equals_a_recount(seed: int) -> None:
    rng = random.Random(seed)
    members = [make_member() for _ in range(8)]
    posts = [write_post(by=rng.choice(members), text="The first")]

    def somebody() -> Member:
        return rng.choice(members)

    def some_post() -> Post:
        # As an open page knows it: its state may have changed since.
        return rng.choice(posts)

    def write() -> None:
        parent = some_post() if rng.random() < 0.6 else None
        posts.append(write_post(by=somebody(), text=f"Number {len(posts)}", in_reply_to=parent))

    steps: list[tuple[int, Callable[[], object]]] = [
        (6, write),
        (6, lambda: publish_post(post=some_post())),
        (10, lambda: like_post(post=some_post(), by=somebody())),
        (5, lambda: unlike_post(post=some_post(), by=somebody())),
        (5, lambda: bookmark_post(post=some_post(), by=somebody())),
        (3, lambda: unbookmark_post(post=some_post(), by=somebody())),
        (8, lambda: follow_member(member=somebody(), by=somebody())),
        (5, lambda: unfollow_member(member=somebody(), by=somebody())),
        (2, lambda: hold_post(post=some_post(), reason="Looked at")),
        (2, lambda: remove_post(post=some_post(), reason="A rule")),
        (2, lambda: restore_post(post=some_post())),
        (1, lambda: (post := some_post(), delete_post(post=post, by=post.author))),
        (
            2,
            lambda: (
                post := some_post(),
                edit_post(post=post, by=post.author, text=f"Edited {rng.random()}"),
            ),
        ),
    ]
    acts = [act for weight, act in steps for _ in range(weight)]
    done = 0
    for _ in range(STEPS):
        try:
            rng.choice(acts)()
            done += 1
        except Refusal:
            pass
    assert done > STEPS / 2
    states = set(Post.objects.values_list("state", flat=True))
    assert len(states) == len(Post.State), f"the history reached only {states}"

    call_command("recount", check=True)
