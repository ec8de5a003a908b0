"""Check that counts include only what the viewer may see, and that a data export contains nothing hidden."""

import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.test import Client

from accounts.actions import (
    deactivate_member,
    erase_member,
    erase_now,
    request_deletion,
    restore_account,
)
from accounts.actions.exports import make_export, request_export
from accounts.models import DataExport, Member
from feed.actions.trends import compute_trends
from posts.actions import bookmark_post, delete_post, hold_post, like_post, restore_post
from posts.consumers import PostStream
from posts.models import Post
from social.actions import follow_member, set_private
from social.models import Follow
from tests.factories import close, make_member, make_post, reopen
from tests.visibility.matrix import Matrix, may_show
from tests.visibility.truth import may_know, may_read
from tests.visibility.world import MARK, QuickClient, World, build_world, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def test_the_unread_count_includes_only_visible_notifications(world: World) -> None:
    """Each viewer has four notifications of each author: a like and a follow, which require that the author is visible,
    and a mention and a reply, which require the post.
    """
    matrix = Matrix(world)
    for person in world.people.values():
        viewer = person.viewer
        if viewer.is_guest or viewer.taste:
            continue
        expected = sum(
            2 * may_know(scene.state, viewer) + 2 * may_read(scene.state, viewer)
            for scene in world.scenes.values()
        )
        answer = matrix.ask(person, "api", "GET", "/api/notifications/unread")
        assert f'"unread":{expected}' in answer.text.replace(" ", ""), viewer.name


@pytest.mark.parametrize("name", ["stranger", "follower", "pending", "muter", "blocked", "blocker"])
def test_a_data_export_contains_nothing_hidden(world: World, name: str) -> None:
    person = world.people[name]
    assert person.member is not None
    export = request_export(member=person.member, by=person.member)
    assert make_export(export_id=export.pk)
    export = DataExport.objects.get(pk=export.pk)
    shown: dict[str, set[str]] = {}
    with storages["private"].open(export.file) as file, zipfile.ZipFile(file) as copy:
        for entry in copy.namelist():
            for kind, slug in MARK.findall(copy.read(entry).decode(errors="replace")):
                shown.setdefault(slug, set()).add(kind)
    for scene in world.scenes.values():
        allowed = may_show(scene.state, person.viewer)
        if name == "blocker" and scene.state.account == "open":
            # Members may see whom they block.
            allowed |= {"author"}
        leaks = shown.get(scene.state.slug, set()) - allowed
        assert not leaks, f"{scene.state.name}: {leaks}"
    assert shown or person.viewer.apart, "there is something to look through"


# --- Hidden content isn't counted ------------------------------------------------------------------------------------

PAGES = [
    "/", "/tags/bread", "/@alice", "/@alice/{post}", "/@alice/followers", "/@alice/following", "/@alice/card",
    "/api/posts/{post}", "/api/posts/{post}/comments", "/api/posts/{post}/likes", "/api/profiles/alice",
    "/api/users/{alice}", "/api/users/{alice}/followers", "/api/users/{alice}/followers/known", "/api/trends",
    "/api/search/posts?q=bread", "/api/notifications/unread",
]  # fmt: skip
GUEST, BOB, ALICE = range(3)
CHANGES_EACH_TIME = re.compile(
    r"nonce[-=]['\"]?[\w+/=-]+|[0-9a-f]{32}|csrfmiddlewaretoken\" value=\"\w+\"|X-CSRFToken\": ?\"\w+\""
    r"|idempotency_key\" value=\"[\w-]+\"|datetime=\"[^\"]+\"[^<]*"
)


class ThreeViewers:
    """A visitor, a follower and the author: `seen()` returns what pages show them of a post and its author."""

    def __init__(self, post: Post, follower: Member) -> None:
        self.post = post
        self.clients = [QuickClient(), signed_in(follower), signed_in(post.author)]

    def seen(self) -> dict[tuple[int, str], str]:
        cache.clear()
        compute_trends()
        found = {}
        for n, client in enumerate(self.clients):
            for page in PAGES:
                path = page.format(post=self.post.pk, alice=self.post.author_id)
                response = client.get(path, headers={"HX-Request": "true"} if page.endswith("/card") else {})
                found[n, page] = CHANGES_EACH_TIME.sub("", response.content.decode())
        return found


def differing(
    one: dict[tuple[int, str], str], other: dict[tuple[int, str], str]
) -> dict[tuple[int, str], tuple[str, str]]:
    """Return an excerpt around the first difference for each viewer and page."""
    found = {}
    for where in one:
        if one[where] != other[where]:
            letters = enumerate(zip(one[where], other[where], strict=False))
            at = max(next((n for n, (a, b) in letters if a != b), 0) - 60, 0)
            found[where] = (one[where][at : at + 120], other[where][at : at + 120])
    return found


def said(client: Client, path: str) -> Any:
    return json.loads(client.get(path).content)


@pytest.fixture
def viewers(alice: Member, bob: Member) -> ThreeViewers:
    """Create a post by Alice that her follower Bob likes and replies to. Both use #bread."""
    post = make_post(alice, "Who bakes #bread?")
    follow_member(member=alice, by=bob)
    like_post(post=post, by=bob)
    make_post(bob, "Me, #bread of rye", in_reply_to=post)
    return ThreeViewers(post, bob)


def test_a_closed_account_changes_no_count_until_it_is_restored(
    viewers: ThreeViewers, alice: Member, bob: Member, deliver: Callable[[], None]
) -> None:
    post, eve, root = viewers.post, make_member("eve"), make_member("root", is_staff=True)
    close(eve)
    deliver()
    before = viewers.seen()
    reopen(eve)
    for member in (alice, bob):
        follow_member(member=member, by=eve)
        follow_member(member=eve, by=member)
    like_post(post=post, by=eve)
    bookmark_post(post=post, by=eve)
    make_post(eve, "So do I, @alice #bread", in_reply_to=post)
    deliver()
    there = viewers.seen()
    assert '"likes_count":2,"replies_count":2' in there[GUEST, "/api/posts/{post}"]
    assert {
        (GUEST, "/@alice"),
        (GUEST, "/api/trends"),
        (BOB, "/api/users/{alice}/followers/known"),
        (ALICE, "/api/notifications/unread"),
    } <= differing(before, there).keys()
    request_deletion(member=eve, by=eve)
    deliver()
    assert differing(before, viewers.seen()) == {}
    restore_account(member=eve)
    deliver()
    assert differing(there, viewers.seen()) == {}
    deactivate_member(member=eve, by=root)
    deliver()
    assert differing(before, viewers.seen()) == {}
    erase_now(member=eve, by=root)
    erase_member(member_id=eve.pk)
    assert differing(before, viewers.seen()) == {}


def test_a_hidden_reply_changes_no_count(
    viewers: ThreeViewers,
    bob: Member,
    deliver: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post, pia = viewers.post, make_member("pia", is_private=True)
    Follow.objects.create(follower=bob, followee=pia)
    deliver()
    before, facts = viewers.seen(), []
    monkeypatch.setattr("core.streams.broadcast", lambda stream, fact, **_: facts.append((stream, fact)))
    reply = make_post(pia, "Rye here, too, #bread", in_reply_to=post)
    deliver()
    after = viewers.seen()
    # Bob follows her, so he sees the reply; the count is the same for everyone.
    changed = differing(before, after)
    assert {who for who, _ in changed} == {BOB}
    assert f"post-{reply.pk}" in after[BOB, "/@alice/{post}"]
    assert '"replies_count":1' in after[BOB, "/api/posts/{post}"]
    hold_post(post=reply, reason="Looked at")
    restore_post(post=reply)
    deliver()
    delete_post(post=reply, by=pia)
    deliver()
    assert [stream for stream, _ in facts if stream == f"post.{post.pk}"] == []
    assert differing(before, viewers.seen()) == {}


def test_replies_of_an_account_that_turns_private_are_not_counted(
    viewers: ThreeViewers, bob: Member, deliver: Callable[[], None]
) -> None:
    guest = viewers.clients[0]
    address = f"/api/posts/{viewers.post.pk}"
    stream = PostStream()

    def told() -> Any:
        return stream.catch_up(None, [str(viewers.post.pk)], None)[str(viewers.post.pk)][0]["replies"]

    assert (said(guest, address)["replies_count"], told()) == (1, 1)
    set_private(by=bob, private=True)
    assert (said(guest, address)["replies_count"], told()) == (0, 0)
    assert said(guest, f"{address}/comments")["items"] == []
    set_private(by=bob, private=False)
    assert (said(guest, address)["replies_count"], told()) == (1, 1)


def test_the_post_count_of_a_private_account_is_visible_only_to_its_followers(
    alice: Member, bob: Member, carol: Member
) -> None:
    follow_member(member=alice, by=bob)
    set_private(by=alice, private=True)
    follow_member(member=alice, by=carol)
    for client, told in (
        (QuickClient(), False),
        (signed_in(carol), False),
        (signed_in(bob), True),
        (signed_in(alice), True),
    ):
        pages = ["/@alice", "/api/profiles/alice", f"/api/users/{alice.pk}", "/@alice/replies"]
        before = [CHANGES_EACH_TIME.sub("", client.get(page).content.decode()) for page in pages]
        post = make_post(alice, "For those whom I know")
        after = [CHANGES_EACH_TIME.sub("", client.get(page).content.decode()) for page in pages]
        assert (before != after) is told
        number = Member.objects.get(pk=alice.pk).posts_count if told else None
        for address in pages[1:3]:
            assert said(client, address)["posts_count"] == number
        assert ("1 post" in after[0]) is told
        delete_post(post=post, by=alice)
    assert said(signed_in(alice), "/api/profile")["posts_count"] == 0


def test_a_tombstone_is_shown_only_above_a_visible_reply(
    viewers: ThreeViewers, alice: Member, bob: Member, carol: Member
) -> None:
    """A deleted reply is shown as a tombstone if it has visible replies."""
    pia = make_member("pia", is_private=True)
    Follow.objects.create(follower=bob, followee=pia)
    gone = make_post(carol, "Gone soon", in_reply_to=viewers.post)
    answer = make_post(pia, "For my followers", in_reply_to=gone)
    delete_post(post=gone, by=carol)
    address = f"/@alice/{viewers.post.pk}"
    for client, there in zip(viewers.clients, (False, True, False), strict=True):
        text = client.get(address).content.decode()
        assert (f"post-{gone.pk}" in text, f"post-{answer.pk}" in text) == (there, there)
