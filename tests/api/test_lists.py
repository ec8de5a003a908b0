"""Lists and followed hashtags through the API."""

from posts.actions import follow_tag
from social.actions import block_member
from social.actions.lists import add_to_list, create_list
from social.models import List, ListEntry
from tests.factories import make_member, make_post


def test_a_list_is_created_read_edited_and_deleted(app, alice):
    api = app(alice)
    made = api.post("/api/lists", {"title": "Friends", "is_exclusive": True}, format="json")
    assert made.status_code == 201
    shown = made.json()
    assert {**shown, "created_at": ""} == {
        "id": shown["id"],
        "title": "Friends",
        "replies": "list",
        "is_exclusive": True,
        "people_count": 0,
        "created_at": "",
    }
    address = f"/api/lists/{shown['id']}"
    assert api.get(address).json() == shown
    changed = api.patch(address, {"replies": "none"}, format="json")
    assert changed.json() == {**shown, "replies": "none"}
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
    assert api.delete(address).status_code == 404


def test_errors_are_reported_by_field(app, alice):
    create_list(by=alice, title="Friends")
    api = app(alice)
    for sent in ({}, {"title": ""}, {"title": "x" * 61}, {"title": "friends"}):
        answer = api.post("/api/lists", sent, format="json")
        assert answer.status_code == 422
        assert answer.json()["fields"]["title"]
    answer = api.post("/api/lists", {"title": "Other", "replies": "some"}, format="json")
    assert answer.json()["fields"]["replies"]
    assert List.objects.count() == 1


def test_lists_are_paged_and_private(app, alice, bob):
    for n in range(5):
        create_list(by=alice, title=f"list {n}")
    create_list(by=bob, title="his")
    first = app(alice).get("/api/lists?limit=3").json()
    rest = app(alice).get(f"/api/lists?limit=3&cursor={first['next']}").json()
    assert [row["title"] for row in first["items"] + rest["items"]] == [f"list {n}" for n in range(4, -1, -1)]
    assert rest["next"] is None


def test_members_are_added_to_a_list_listed_and_removed(app, alice, bob, carol):
    api, made = app(alice), create_list(by=alice, title="Friends")
    address = f"/api/lists/{made.pk}/members"
    for member in (bob, carol, carol):
        answer = api.post(address, {"user": str(member.pk)}, format="json")
        assert (answer.status_code, answer.json()["username"]) == (201, member.username)
    assert [row["username"] for row in api.get(address).json()["items"]] == ["carol", "bob"]
    assert api.get(f"/api/lists/{made.pk}").json()["people_count"] == 2
    for _ in range(2):
        assert api.delete(f"{address}/{bob.pk}").status_code == 204
    assert [row["username"] for row in api.get(address).json()["items"]] == ["carol"]


def test_a_hidden_member_cannot_be_added_to_a_list(app, alice, bob):
    api, made = app(alice), create_list(by=alice, title="Friends")
    block_member(member=alice, by=bob)
    address = f"/api/lists/{made.pk}/members"
    for user in (str(bob.pk), "1"):
        assert api.post(address, {"user": user}, format="json").status_code == 404
        assert api.delete(f"{address}/{user}").status_code == 404
    assert api.post(address, {"user": "no id"}, format="json").status_code == 422
    assert not ListEntry.objects.exists()


def test_the_timeline_of_a_list_is_paged_newest_first(app, alice, bob):
    made = create_list(by=alice, title="Friends")
    add_to_list(list_=made, member=bob, by=alice)
    for n in range(5):
        make_post(bob, f"note {n}")
    first = app(alice).get(f"/api/lists/{made.pk}/timeline?limit=3").json()
    rest = app(alice).get(f"/api/lists/{made.pk}/timeline?limit=3&cursor={first['next']}").json()
    assert [row["text"] for row in first["items"] + rest["items"]] == [f"note {n}" for n in range(4, -1, -1)]


def test_visitors_have_no_lists_and_no_followed_tags(app, alice):
    made = create_list(by=alice, title="Friends")
    for path in ("", f"/{made.pk}", f"/{made.pk}/members", f"/{made.pk}/timeline"):
        assert app().get(f"/api/lists{path}").status_code == 401
    assert app().get("/api/followed-tags").status_code == 401
    assert app().post("/api/tags/bread/follow").status_code == 401
    assert app().delete("/api/tags/bread/follow").status_code == 401


def test_a_tag_is_followed_listed_and_unfollowed(app, alice, bob):
    make_post(bob, "#Bread")
    api = app(alice)
    for _ in range(2):
        answer = api.post("/api/tags/BREAD/follow")
        assert (answer.status_code, answer.json()) == (
            200,
            {"name": "bread", "tag": "Bread", "url": "/tags/bread"},
        )
    assert api.get("/api/followed-tags").json() == {"items": [answer.json()], "next": None}
    assert [row["text"] for row in api.get("/api/timeline").json()["items"]] == ["#Bread"]
    for _ in range(2):
        assert api.delete("/api/tags/bread/follow").status_code == 204
    assert api.get("/api/followed-tags").json()["items"] == []
    assert api.post("/api/tags/never/follow").status_code == 404


def test_followed_tags_are_private(app, alice, bob):
    make_post(make_member(), "#bread")
    follow_tag(name="bread", by=alice)
    assert app(bob).get("/api/followed-tags").json()["items"] == []
