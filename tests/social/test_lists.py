"""Lists of members: what their owner can do, and that nobody else can see them."""

import pytest

from accounts.models import Member
from core.refusals import Conflict, Invalid, NotFound
from social.actions import block_member
from social.actions import lists as actions
from social.actions.lists import add_to_list, create_list, delete_list, edit_list, remove_from_list
from social.models import List, ListEntry
from social.queries.lists import list_entries, list_ids_with, lists_of, own_list
from tests.factories import make_member


def names(list_, viewer):
    return [entry.member.username for entry in list_entries(list_, viewer=viewer)]


def how_many(list_: List) -> int:
    return list_.people_count  # type: ignore[attr-defined]


# --- Lists ---------------------------------------------------------------------------------------------------


def test_a_list_is_created_with_its_settings(alice):
    made = create_list(by=alice, title="  Good   friends ", replies="none", is_exclusive=True)
    found = own_list(made.pk, alice)
    assert (found.title, found.replies, found.is_exclusive, how_many(found)) == (
        "Good friends",
        "none",
        True,
        0,
    )


def test_lists_are_sorted_by_title_with_their_counts(alice, bob, carol):
    for title in ("bread", "Apples", "Cars"):
        made = create_list(by=alice, title=title)
        for member in {"bread": [bob, carol], "Cars": [bob]}.get(title, []):
            add_to_list(list_=made, member=member, by=alice)
    create_list(by=bob, title="Not hers")
    assert [(list_.title, how_many(list_)) for list_ in lists_of(alice)] == [
        ("Apples", 0),
        ("bread", 2),
        ("Cars", 1),
    ]


@pytest.mark.parametrize("title", ["", "   ", "\u200b", "x" * 61])
def test_titles_are_validated(alice, title):
    with pytest.raises(Invalid) as refusal:
        create_list(by=alice, title=title)
    assert refusal.value.fields["title"]
    made = create_list(by=alice, title="Fine")
    with pytest.raises(Invalid):
        edit_list(list_=made, by=alice, title=title)
    assert own_list(made.pk, alice).title == "Fine"


def test_an_unknown_replies_choice_is_refused(alice):
    with pytest.raises(Invalid):
        create_list(by=alice, title="Friends", replies="some")


def test_titles_are_unique_ignoring_case(alice, bob):
    create_list(by=alice, title="Friends")
    other = create_list(by=alice, title="Other")
    with pytest.raises(Invalid, match="You already have a list called “FRIENDS”"):
        create_list(by=alice, title="FRIENDS")
    with pytest.raises(Invalid):
        edit_list(list_=other, by=alice, title="friends")
    edit_list(list_=other, by=alice, title="OTHER")
    create_list(by=bob, title="Friends")
    assert sorted(lists_of(alice).values_list("title", flat=True)) == ["Friends", "OTHER"]


def test_fields_not_given_are_unchanged(alice):
    made = create_list(by=alice, title="Friends", replies="none")
    edit_list(list_=made, by=alice, is_exclusive=True)
    found = own_list(made.pk, alice)
    assert (found.title, found.replies, found.is_exclusive) == ("Friends", "none", True)
    edit_list(list_=made, by=alice, replies="followed", is_exclusive=False)
    found = own_list(made.pk, alice)
    assert (found.title, found.replies, found.is_exclusive) == ("Friends", "followed", False)


def test_deleting_a_list_deletes_its_entries(alice, bob):
    made = create_list(by=alice, title="Friends")
    add_to_list(list_=made, member=bob, by=alice)
    gone = List(pk=made.pk)
    delete_list(list_=made, by=alice)
    assert not ListEntry.objects.exists()
    for act in (delete_list, edit_list):
        with pytest.raises(NotFound):
            act(list_=gone, by=alice)


def test_lists_are_limited(alice, bob, monkeypatch):
    monkeypatch.setattr(actions, "LISTS_MAX", 2)
    first = create_list(by=alice, title="1")
    create_list(by=alice, title="2")
    create_list(by=bob, title="his")
    with pytest.raises(Conflict, match="Delete one first"):
        create_list(by=alice, title="3")
    delete_list(list_=first, by=alice)
    create_list(by=alice, title="3")


# --- Members -------------------------------------------------------------------------------------------------


def test_adding_is_idempotent_and_needs_no_follow(alice, bob, carol):
    made = create_list(by=alice, title="Friends")
    assert add_to_list(list_=made, member=bob, by=alice)
    assert not add_to_list(list_=made, member=bob, by=alice)
    assert add_to_list(list_=made, member=carol, by=alice)
    assert add_to_list(list_=made, member=alice, by=alice)
    assert names(made, alice) == ["alice", "carol", "bob"]
    assert list_ids_with(bob, viewer=alice) == {made.pk}
    assert list_ids_with(bob, viewer=bob) == set()


def test_removing_is_idempotent(alice, bob):
    made = create_list(by=alice, title="Friends")
    add_to_list(list_=made, member=bob, by=alice)
    assert remove_from_list(list_=made, member=bob, by=alice)
    assert not remove_from_list(list_=made, member=bob, by=alice)
    assert names(made, alice) == []


def test_hidden_members_cannot_be_added(alice, bob, carol):
    made = create_list(by=alice, title="Friends")
    block_member(member=alice, by=bob)
    Member.objects.filter(pk=carol.pk).update(is_active=False)
    for member in (bob, carol):
        with pytest.raises(NotFound):
            add_to_list(list_=made, member=member, by=alice)
    assert not ListEntry.objects.exists()


def test_private_accounts_can_be_added(alice):
    made = create_list(by=alice, title="Friends")
    assert add_to_list(list_=made, member=make_member("dora", is_private=True), by=alice)


def test_closed_accounts_are_not_shown_until_reopened(alice, bob):
    made = create_list(by=alice, title="Friends")
    add_to_list(list_=made, member=bob, by=alice)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert names(made, alice) == []
    assert how_many(own_list(made.pk, alice)) == 0
    Member.objects.filter(pk=bob.pk).update(is_active=True)
    assert names(made, alice) == ["bob"]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_block_removes_members_from_both_sides_lists(alice, bob, carol, who):
    hers, his = create_list(by=alice, title="Hers"), create_list(by=bob, title="His")
    for list_, member, by in ((hers, bob, alice), (hers, carol, alice), (his, alice, bob)):
        add_to_list(list_=list_, member=member, by=by)
    one, other = (alice, bob) if who == "alice" else (bob, alice)
    block_member(member=other, by=one)
    assert names(hers, alice) == ["carol"]
    assert names(his, bob) == []
    assert ListEntry.objects.count() == 1


def test_members_of_a_list_are_limited(alice, bob, carol, monkeypatch):
    monkeypatch.setattr(actions, "LIST_MEMBERS_MAX", 1)
    made, other = create_list(by=alice, title="1"), create_list(by=alice, title="2")
    add_to_list(list_=made, member=bob, by=alice)
    with pytest.raises(Conflict, match="the most"):
        add_to_list(list_=made, member=carol, by=alice)
    assert not add_to_list(list_=made, member=bob, by=alice)
    assert add_to_list(list_=other, member=carol, by=alice)


# --- Privacy --------------------------------------------------------------------------------------------------


def test_lists_of_others_are_not_found(alice, bob, carol, moderator):
    made = create_list(by=alice, title="Friends")
    add_to_list(list_=made, member=bob, by=alice)
    for viewer in (bob, carol, moderator, make_member("root", is_staff=True, is_superuser=True), None):
        assert not List.objects.visible_to(viewer).exists()
        with pytest.raises(NotFound):
            own_list(made.pk, viewer)
    for act in (
        lambda: edit_list(list_=made, by=carol, title="Mine"),
        lambda: delete_list(list_=made, by=carol),
        lambda: add_to_list(list_=made, member=carol, by=carol),
        lambda: remove_from_list(list_=made, member=bob, by=carol),
    ):
        with pytest.raises(NotFound, match="This list doesn’t exist"):
            act()
    assert own_list(made.pk, alice).title == "Friends"
    assert names(made, alice) == ["bob"]
