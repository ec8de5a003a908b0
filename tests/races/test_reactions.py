"""Race likes, reposts and bookmarks: there is one row for a member and a post, and the counts match."""

from typing import Any

import pytest

from core.refusals import NotFound
from posts.actions import bookmark_post, delete_post, like_post, publish_post, unbookmark_post, unlike_post
from posts.models import Bookmark, Like, Post, Repost
from tests.factories import make_member, make_post
from tests.races.arena import PARALLEL
from tests.races.doors import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("many_writes", "no_worker")]


def the(post):
    """Read the post again, as each request does."""
    return Post.objects.get(pk=post.pk)


def test_many_like_and_unlike_one_post_through_page_and_api(race, rng):
    post = make_post(make_member())
    visitors = [Visitor(make_member(), api=n % 2 == 0) for n in range(PARALLEL)]
    liked: dict[Visitor, bool] = {}

    def round_of(number):
        liked.update((visitor, rng.random() < 0.6) for visitor in visitors)
        return [
            lambda visitor=visitor, wanted=liked[visitor]: visitor.like(post, wanted) for visitor in visitors
        ]

    def check(results):
        assert set(Like.objects.values_list("member_id", flat=True)) == {
            visitor.member.pk for visitor, wanted in liked.items() if wanted
        }
        return Like.objects.count()

    race.run(round_of, check)


def test_many_repost_one_post_and_undo_it_through_page_and_api(race, rng):
    post = make_post(make_member())
    visitors = [Visitor(make_member(), api=n % 2 == 0) for n in range(PARALLEL - 1)]
    # Of one member, requests with both wishes race each other.
    visitors += [visitors[0]]
    wish: list[bool] = []

    def round_of(number):
        wish[:] = [rng.random() < 0.6 for _ in visitors]
        return [
            lambda visitor=visitor, wanted=wanted: visitor.repost(post, wanted)
            for visitor, wanted in zip(visitors, wish, strict=True)
        ]

    def check(results):
        wanted = {v.member.pk for v, wanted in zip(visitors[1:-1], wish[1:-1], strict=True) if wanted}
        found = set(Repost.objects.values_list("member_id", flat=True))
        assert found - {visitors[0].member.pk} == wanted
        return Repost.objects.count()

    race.run(round_of, check)


def test_one_member_likes_one_post_32_times_through_page_and_api(race):
    post, member = make_post(make_member()), make_member()
    visitors = [Visitor(member, api=n % 2 == 0) for n in range(PARALLEL)]

    def round_of(number):
        if number % 2 == 0:
            unlike_post(post=the(post), by=member)
        # Every other round one of the requests removes the like.
        return [
            lambda visitor=visitor, wanted=not (number % 2 and visitor is visitors[0]): visitor.like(
                post, wanted
            )
            for visitor in visitors
        ]

    def check(results):
        assert Like.objects.count() <= 1
        return Like.objects.count()

    race.run(round_of, check)


def test_many_bookmark_one_post_and_remove_the_bookmark(race, rng):
    post = make_post(make_member())
    members = [make_member() for _ in range(PARALLEL)]

    def round_of(number):
        acts = [bookmark_post if rng.random() < 0.6 else unbookmark_post for _ in members]
        return [
            lambda act=act, by=by: act(post=the(post), by=by) for act, by in zip(acts, members, strict=True)
        ]

    race.run(round_of, lambda results: Bookmark.objects.count())


def test_one_member_bookmarks_one_post_32_times(race):
    post, member = make_post(make_member()), make_member()

    def round_of(number):
        return [
            lambda: (bookmark_post if number % 2 == 0 else unbookmark_post)(post=the(post), by=member)
        ] * PARALLEL

    def check(results):
        assert results.count(True) == 1
        assert results.count(False) == PARALLEL - 1
        return Bookmark.objects.count()

    race.run(round_of, check)


def test_a_post_is_deleted_while_many_like_and_bookmark_it(race, rng):
    author, members = make_member(), [make_member() for _ in range(PARALLEL - 2)]
    posts = []

    def round_of(number):
        post = make_post(author)
        posts.append(post)
        acts = rng.choices([like_post, unlike_post, bookmark_post], k=len(members))
        calls: list[Any] = [
            lambda by=by, act=act: act(post=the(post), by=by) for by, act in zip(members, acts, strict=True)
        ]
        calls += [lambda: delete_post(post=the(post), by=author)] * 2
        rng.shuffle(calls)
        return calls

    def check(results):
        assert all(isinstance(result, bool | NotFound) for result in results)
        gone = the(posts[-1])
        assert (gone.state, gone.likes_count, gone.bookmarks_count) == (Post.State.DELETED, 0, 0)
        assert not Like.objects.exists()
        assert not Bookmark.objects.exists()
        return 0

    race.run(round_of, check)


def test_replies_are_published_and_deleted_while_their_parent_is_deleted(race, rng):
    author, members = make_member(), [make_member() for _ in range(15)]

    def round_of(number):
        post = make_post(author)
        replies = [make_post(by, in_reply_to=post, published=n % 2 == 0) for n, by in enumerate(members)]
        calls: list[Any] = [lambda reply=reply: publish_post(post=the(reply)) for reply in replies]
        calls += [lambda reply=reply: delete_post(post=the(reply), by=reply.author) for reply in replies]
        calls += [lambda: delete_post(post=the(post), by=author)] * (PARALLEL - len(calls))
        rng.shuffle(calls)
        return calls

    race.run(round_of, lambda results: Post.objects.exclude(state=Post.State.DELETED).count())
