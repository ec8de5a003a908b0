"""Check that open pages stop getting live messages about posts within two seconds of losing access to them."""

import asyncio
from typing import Any

import pytest
from channels.db import database_sync_to_async

from core.events import deliver_pending
from posts.models import Post
from social.actions import block_member, follow_member, remove_follower, set_private
from tests.live.test_consumer import broadcast, member_named, post_by, sockets

__all__ = ["sockets"]

pytestmark = pytest.mark.django_db(transaction=True)


@database_sync_to_async
def done(act: Any, **who: Any) -> None:
    """Call the action and deliver its events."""
    act(**who)
    deliver_pending()


async def hears_of(socket: Any, post: Post) -> bool:
    """Return whether a live message about the post reaches the socket, before the pong to a ping."""
    await broadcast(f"post.{post.id}", {"type": "post.counted", "id": str(post.id), "likes": 1})
    await socket.say(type="ping")
    said: list[dict[str, Any]] = []
    while not said or said[-1]["type"] != "pong":
        said.append(await socket.hear())
    return any(fact.get("id") == str(post.id) and fact["type"] == "post.counted" for fact in said)


async def refused_within_two_seconds(socket: Any) -> list[str]:
    async with asyncio.timeout(2):
        fact = await socket.hear()
        while fact["type"] != "refused":
            fact = await socket.hear()
    return fact["streams"]


async def test_strangers_lose_the_posts_of_a_member_who_became_private(sockets):
    alice, fan, stranger = await member_named(), await member_named(), await member_named()
    post, other = await post_by(alice), await post_by(stranger)
    await done(follow_member, member=alice, by=fan)
    own, follower, signed_in, visitor = [await sockets(who) for who in (alice, fan, stranger, None)]
    for socket in (own, follower, signed_in, visitor):
        await socket.subscribe(f"post.{post.id}", f"post.{other.id}")
    await done(set_private, by=alice, private=True)
    for socket in (signed_in, visitor):
        assert await refused_within_two_seconds(socket) == [f"post.{post.id}"]
        assert not await hears_of(socket, post)
        assert await hears_of(socket, other)
    for socket in (own, follower):
        assert await hears_of(socket, post)


async def test_subscribing_while_the_member_becomes_private_is_undone(sockets, monkeypatch):
    from core.consumers import catch_up, live

    alice = await member_named()
    post = await post_by(alice)
    socket = await sockets()

    def turn_private_after(viewer: Any, names: Any, after: Any) -> Any:
        found = catch_up(viewer, names, after)
        monkeypatch.setattr(live, "catch_up", catch_up)
        set_private(by=alice, private=True)
        deliver_pending()
        return found

    monkeypatch.setattr(live, "catch_up", turn_private_after)
    await socket.say(type="subscribe", streams=[f"post.{post.id}"])
    assert await refused_within_two_seconds(socket) == [f"post.{post.id}"]


async def test_a_follower_who_is_removed_from_a_private_account_loses_the_posts(sockets):
    alice, fan = await member_named(is_private=True), await member_named()
    post = await post_by(alice)
    from social.actions import approve_request

    await done(follow_member, member=alice, by=fan)
    await done(approve_request, requester=fan, by=alice)
    socket = await sockets(fan)
    assert (await socket.subscribe(f"post.{post.id}"))["streams"] == [f"post.{post.id}"]
    await done(remove_follower, follower=fan, by=alice)
    assert await refused_within_two_seconds(socket) == [f"post.{post.id}"]


@pytest.mark.parametrize("blocker", [0, 1])
async def test_a_block_ends_subscriptions_in_both_directions(sockets, blocker):
    two = [await member_named(), await member_named()]
    posts = [await post_by(member) for member in two]
    opened = [await sockets(member) for member in two]
    for socket in opened:
        await socket.subscribe(*(f"post.{post.id}" for post in posts))
    await done(block_member, member=two[1 - blocker], by=two[blocker])
    for i, socket in enumerate(opened):
        assert await refused_within_two_seconds(socket) == [f"post.{posts[1 - i].id}"]
        assert not await hears_of(socket, posts[1 - i])
        assert await hears_of(socket, posts[i])
