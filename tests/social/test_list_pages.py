"""The pages of your lists, with and without HTMX; for everyone else they are 404."""

import pytest
from django.test import Client

from accounts.models import Member
from social.actions import block_member, follow_member
from social.actions import lists as actions
from social.actions.lists import add_to_list, create_list
from social.models import List, ListEntry
from social.queries.lists import list_entries, own_list
from tests.factories import make_member

HTMX = {"HX-Request": "true"}


@pytest.fixture
def friends(alice, bob):
    made = create_list(by=alice, title="Friends")
    add_to_list(list_=made, member=bob, by=alice)
    return made


def as_(member):
    client = Client()
    client.force_login(member)
    return client


def names(list_):
    return [entry.member.username for entry in list_entries(list_, viewer=list_.owner)]


def test_the_empty_page_explains_lists(alice):
    page = as_(alice).get("/lists").content.decode()
    assert "No lists yet" in page
    assert 'href="/lists/new"' in page


def test_the_form_creates_a_list_and_redirects_to_its_members(alice):
    client = as_(alice)
    assert "Create list" in client.get("/lists/new").content.decode()
    answer = client.post("/lists/new", {"title": "Friends", "replies": "none", "is_exclusive": "on"})
    made = List.objects.get()
    assert answer["Location"] == f"/lists/{made.pk}/people"
    assert (made.owner, made.title, made.replies, made.is_exclusive) == (alice, "Friends", "none", True)
    page = client.get("/lists").content.decode()
    assert "Friends" in page
    assert "0 people" in page
    assert "hidden from Home" in page


def test_lists_are_counted_in_german_too(alice, bob, carol, friends):
    client, german = as_(alice), {"accept-language": "de"}
    assert "1 Person<" in client.get("/lists", headers=german).content.decode()
    add_to_list(list_=friends, member=carol, by=alice)
    page = client.get("/lists", headers=german).content.decode()
    assert "2 Personen<" in page
    assert "Neue Liste" in page
    taken = client.post("/lists/new", {"title": "friends", "replies": "none"}, headers=german)
    assert "Du hast schon eine Liste mit dem Titel „friends“." in taken.content.decode()


def test_a_list_can_be_created_with_a_member(alice, bob):
    client = as_(alice)
    assert "Bob will be added to it." in client.get("/lists/new?with=bob").content.decode()
    client.post("/lists/new", {"title": "Friends", "replies": "list", "with": "bob"})
    assert names(List.objects.get()) == ["bob"]
    assert client.get("/lists/new?with=nobody").status_code == 404


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"title": "", "replies": "list"}, "This field is required"),
        ({"title": "\u200b", "replies": "list"}, "Give your list a title"),
        ({"title": "x" * 61, "replies": "list"}, "at most 60 characters"),
        ({"title": "FRIENDS", "replies": "list"}, "You already have a list called"),
        ({"title": "Other", "replies": "some"}, "not one of the available choices"),
        ({"title": "Other"}, "This field is required"),
    ],
)
@pytest.mark.parametrize("form", ["new", "edit"])
def test_an_invalid_form_shows_its_errors(alice, friends, form, sent, said):
    other = create_list(by=alice, title="Second")
    address = "/lists/new" if form == "new" else f"/lists/{other.pk}/edit"
    answer = as_(alice).post(address, sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert sorted(List.objects.values_list("title", flat=True)) == ["Friends", "Second"]


def test_too_many_lists_are_refused_with_a_message(alice, monkeypatch):
    monkeypatch.setattr(actions, "LISTS_MAX", 0)
    answer = as_(alice).post("/lists/new", {"title": "Friends", "replies": "list"})
    assert answer.status_code == 422
    assert "the most you can have" in answer.content.decode()


def test_a_list_is_edited(alice, friends):
    client = as_(alice)
    assert 'value="Friends"' in client.get(f"/lists/{friends.pk}/edit").content.decode()
    answer = client.post(f"/lists/{friends.pk}/edit", {"title": "Neighbours", "replies": "followed"})
    assert answer["Location"] == f"/lists/{friends.pk}"
    friends.refresh_from_db()
    assert (friends.title, friends.replies, friends.is_exclusive) == ("Neighbours", "followed", False)


def test_deleting_a_list_asks_first(alice, friends):
    client = as_(alice)
    assert "Delete this list?" in client.get(f"/lists/{friends.pk}/delete").content.decode()
    assert List.objects.exists()
    assert client.post(f"/lists/{friends.pk}/delete")["Location"] == "/lists"
    assert not List.objects.exists()
    assert client.get(f"/lists/{friends.pk}").status_code == 404


# --- Members -------------------------------------------------------------------------------------------------


def test_the_button_adds_and_removes(alice, carol, friends):
    client, address = as_(alice), f"/lists/{friends.pk}/people/carol"
    for _ in range(2):
        button = client.post(f"{address}/add", headers=HTMX).content.decode()
        assert f"{address}/remove" in button
        assert 'aria-pressed="true"' in button
    assert names(friends) == ["carol", "bob"]
    for _ in range(2):
        button = client.post(f"{address}/remove", headers=HTMX).content.decode()
        assert f"{address}/add" in button
        assert 'aria-pressed="false"' in button
    assert names(friends) == ["bob"]


def test_without_scripts_the_form_redirects_back(alice, carol, friends):
    answer = as_(alice).post(
        f"/lists/{friends.pk}/people/carol/add", headers={"referer": "http://testserver/@carol/lists"}
    )
    assert answer["Location"] == "/@carol/lists"
    answer = as_(alice).post(f"/lists/{friends.pk}/people/carol/remove")
    assert answer["Location"] == f"/lists/{friends.pk}/people"


def test_members_are_found_by_name_with_a_button(alice, carol, friends, deliver):
    Member.objects.filter(pk=carol.pk).update(display_name="Carolina of the Harbour")
    from search.actions import index_members

    index_members(ids=[alice.pk, carol.pk])
    client = as_(alice)
    page = client.get(f"/lists/{friends.pk}/people?q=harbo").content.decode()
    assert f"/lists/{friends.pk}/people/carol/add" in page
    part = client.get(f"/lists/{friends.pk}/people?q=harbo", headers=HTMX).content.decode()
    assert part.lstrip().startswith('<div id="list-people">')
    assert "No people found" in client.get(f"/lists/{friends.pk}/people?q=zzzzzz").content.decode()


def test_without_a_query_the_page_shows_the_members_of_the_list(alice, friends):
    page = as_(alice).get(f"/lists/{friends.pk}/people").content.decode()
    assert f"/lists/{friends.pk}/people/bob/remove" in page


def test_an_empty_list_suggests_followed_members(alice, bob, carol):
    follow_member(member=carol, by=alice)
    made = create_list(by=alice, title="Friends")
    page = as_(alice).get(f"/lists/{made.pk}/people").content.decode()
    assert "This list is empty" in page
    assert f"/lists/{made.pk}/people/carol/add" in page
    assert f"/lists/{made.pk}/people/bob/add" not in page


def test_members_of_a_list_are_paged(alice, friends):
    for n in range(25):
        add_to_list(list_=friends, member=make_member(f"fan{n:02}"), by=alice)
    client = as_(alice)
    page = client.get(f"/lists/{friends.pk}/people").context["page"]
    assert [m.username for m in page.items] == [f"fan{n:02}" for n in range(24, 4, -1)]
    rest = client.get(f"/lists/{friends.pk}/people?cursor={page.next_cursor}", headers=HTMX)
    assert "<html" not in rest.content.decode()
    assert rest.context["page"].items[-1].username == "bob"


def test_a_profile_offers_your_lists(alice, bob, friends):
    create_list(by=alice, title="Others")
    client = as_(alice)
    page = client.get("/@bob/lists").content.decode()
    assert f"/lists/{friends.pk}/people/bob/remove" in page
    assert "Others" in page
    assert "/lists/new?with=bob" in page
    dialog = client.get("/@bob/lists", headers=HTMX).content.decode()
    assert "data-dialog-now" in dialog
    assert "<html" not in dialog
    assert "You don’t have any lists yet" in as_(bob).get("/@alice/lists").content.decode()


def test_hidden_members_cannot_be_listed(alice, bob, carol, friends):
    block_member(member=alice, by=carol)
    client = as_(alice)
    for name in ("carol", "nobody"):
        assert client.get(f"/@{name}/lists").status_code == 404
        assert client.post(f"/lists/{friends.pk}/people/{name}/add", headers=HTMX).status_code == 404
    assert names(friends) == ["bob"]


# --- Privacy --------------------------------------------------------------------------------------------------

ADDRESSES = [
    "/lists/{id}", "/lists/{id}/people", "/lists/{id}/people?q=bob", "/lists/{id}/edit", "/lists/{id}/delete",
    "/lists/{id}/people/bob/add", "/lists/{id}/people/bob/remove", "/lists/{id}/people/carol/add",
    "/api/lists/{id}", "/api/lists/{id}/members", "/api/lists/{id}/members/{bob}", "/api/lists/{id}/timeline",
]  # fmt: skip


@pytest.mark.parametrize("who", ["bob", "carol", "mod", "root", "visitor"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_lists_of_others_are_not_found_on_any_page(alice, bob, carol, moderator, friends, path, who):
    make_member("root", is_staff=True, is_superuser=True, is_moderator=True)
    client = Client() if who == "visitor" else as_(Member.objects.get(username=who))
    for verb in ("get", "head", "post", "put", "patch", "delete", "options"):
        for headers in ({}, HTMX):
            answers = [
                getattr(client, verb)(path.format(id=list_id, bob=bob.pk), headers=headers)
                for list_id in (friends.pk, friends.pk + 1)
            ]
            real, never = answers
            assert real.status_code == never.status_code, (verb, path)
            assert real.status_code in (302, 401, 404, 405) or verb == "options", (verb, path)
            assert "Friends" not in real.content.decode()
    assert own_list(friends.pk, alice).title == "Friends"
    assert list(ListEntry.objects.values_list("member__username", flat=True)) == ["bob"]
