"""Race closing, reopening and privacy changes with likes, follows and replies: counters stay exact."""

from typing import Any

import pytest

from accounts.actions import deactivate_member, reactivate_member, request_deletion, restore_account
from accounts.models import Member
from posts.actions import (
    bookmark_post,
    delete_post,
    hold_post,
    like_post,
    publish_post,
    restore_post,
    unlike_post,
)
from posts.models import Like, Post
from social.actions import block_member, follow_member, remove_follower, set_private, unfollow_member
from tests.factories import make_member, make_post, reopen
from tests.races.arena import PARALLEL, rules_hold

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]


def the(post):
    return Post.objects.get(pk=post.pk)


def reread(member):
    """Read the member again, as each request does."""
    return Member.objects.get(pk=member.pk)


def test_an_account_closes_and_reopens_while_members_like_follow_and_reply(race, rng):
    root, star = make_member(is_staff=True), make_member()
    people = [make_member() for _ in range(7)]
    everybody = [star, *people]

    def round_of(number):
        posts = [make_post(by) for by in everybody]
        replies = [make_post(by, in_reply_to=rng.choice(posts), published=False) for by in everybody * 2]
        calls: list[Any] = [
            lambda: deactivate_member(member=reread(star), by=root),
            lambda: reactivate_member(member=reread(star), by=root),
            lambda: request_deletion(member=reread(star), by=star),
            lambda: restore_account(member=reread(star)),
            lambda: set_private(by=reread(star), private=number % 2 == 0),
            *[lambda reply=reply: publish_post(post=the(reply)) for reply in replies[: PARALLEL // 4]],
        ]
        while len(calls) < PARALLEL:
            by, other, post = rng.choice(everybody), rng.choice(people), rng.choice(posts)
            by = star if rng.random() < 0.5 else by
            acts: list[Any] = [
                lambda by=by, post=post: like_post(post=the(post), by=by),
                lambda by=by, post=post: unlike_post(post=the(post), by=by),
                lambda by=by, post=post: bookmark_post(post=the(post), by=by),
                lambda by=by, other=other: follow_member(member=other, by=by),
                lambda by=by, other=other: follow_member(member=by, by=other),
                lambda by=by, other=other: unfollow_member(member=other, by=by),
                lambda by=by, other=other: remove_follower(follower=other, by=by),
                lambda post=post: delete_post(post=the(post), by=post.author),
            ]
            calls.append(rng.choice(acts))
        rng.shuffle(calls)
        return calls

    def check(results):
        follows = rules_hold()
        reopen(star)
        set_private(by=reread(star), private=False)
        return Like.objects.count() + follows

    race.run(round_of, check)


def test_many_accounts_that_follow_and_like_each_other_close_and_reopen(race, rng):
    root = make_member(is_staff=True)
    people = [make_member() for _ in range(PARALLEL // 2)]
    posts = [make_post(by) for by in people]
    replies = [make_post(by, in_reply_to=posts[n - 1]) for n, by in enumerate(people)]
    for by in people:
        for other in rng.sample(people, 6):
            if other != by:
                follow_member(member=other, by=by)
        for post in rng.sample(posts, 6):
            like_post(post=post, by=by)

    def round_of(number):
        calls: list[Any] = []
        for n, member in enumerate(people):
            change = deactivate_member if rng.random() < 0.6 else reactivate_member
            calls.append(lambda change=change, member=member: change(member=reread(member), by=root))
            reply, other = replies[n], rng.choice(people[n + 1 :] + people[:n])
            acts: list[Any] = [
                lambda reply=reply: hold_post(post=the(reply), reason="Looked at"),
                lambda reply=reply: restore_post(post=the(reply)),
                lambda member=member: set_private(by=reread(member), private=rng.random() < 0.5),
                lambda member=member, other=other: follow_member(member=other, by=member),
                lambda member=member, other=other: block_member(member=other, by=member),
            ]
            calls.append(rng.choice(acts))
        rng.shuffle(calls)
        return calls

    def check(results):
        rules_hold()
        return Member.objects.visible_to(None).count()

    race.run(round_of, check)
