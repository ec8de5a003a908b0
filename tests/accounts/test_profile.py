import pytest

from accounts import actions
from accounts.models import Member
from core.refusals import Forbidden, Invalid

FORM = {
    "display_name": "  Alice   Ångström ",
    "bio": "Two lines.\r\nAnd a cat.\r\n\r\n\r\n\r\nEnd.",
    "pronouns": "she/her",
    "location": "Porto",
    "website": "alice.example.org/me",
}


def test_the_profile_is_normalized_and_saved(client, alice, heard):
    client.force_login(alice)
    assert client.post("/settings/profile", FORM).url == "/settings/profile"
    alice.refresh_from_db()
    assert alice.display_name == "Alice Ångström"
    assert alice.bio == "Two lines.\nAnd a cat.\n\nEnd."
    assert (alice.pronouns, alice.location, alice.website) == (
        "she/her",
        "Porto",
        "https://alice.example.org/me",
    )
    assert [event.member_id for event in heard("accounts.ProfileEdited")] == [alice.id]


def test_the_username_is_locked(client, alice):
    client.force_login(alice)
    client.post("/settings/profile", FORM | {"username": "root", "is_staff": "1"})
    alice.refresh_from_db()
    assert (alice.username, alice.is_staff) == ("alice", False)
    page = client.get("/settings/profile").content.decode()
    assert "readonly" in page
    assert "#lock" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "x" * 256),
        ("bio", "x" * 501),
        ("pronouns", "x" * 41),
        ("location", "x" * 101),
        ("website", "javascript:alert(1)"),
        ("website", "javascript://alert(1)"),
        ("website", "ftp://example.org"),
        ("website", "https://exa mple.org"),
        ("website", "https://example.org/" + "x" * 200),
    ],
)
def test_invalid_input_is_refused_with_a_message_and_stays_in_the_form(client, alice, field, value):
    client.force_login(alice)
    response = client.post("/settings/profile", FORM | {field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert 'role="alert"' in response.content.decode()
    assert getattr(Member.objects.get(), field) != value
    with pytest.raises(Invalid) as refusal:
        actions.edit_profile(member=alice, by=alice, **{field: value})
    assert refusal.value.fields[field]


@pytest.mark.parametrize(("field", "value"), [("display_name", "é" * 255), ("bio", "🐈\n" * 249 + "🐈🐈")])
def test_the_longest_values_are_accepted(client, alice, field, value):
    client.force_login(alice)
    assert client.post("/settings/profile", FORM | {field: value.replace("\n", "\r\n")}).status_code == 302
    assert getattr(Member.objects.get(), field) == value


def test_emptied_fields_are_empty(client, alice):
    client.force_login(alice)
    client.post("/settings/profile", FORM)
    client.post("/settings/profile", dict.fromkeys(FORM, ""))
    alice.refresh_from_db()
    assert [getattr(alice, name) for name in FORM] == [""] * 5
    assert alice.name == "alice"


def test_for_htmx_the_form_is_a_dialog_and_saving_reloads_the_profile(client, alice):
    client.force_login(alice)
    htmx = {"HX-Request": "true"}
    page = client.get("/settings/profile", headers=htmx).content.decode()
    assert page.lstrip().startswith("<dialog")
    assert "<html" not in page
    refused = client.post("/settings/profile", FORM | {"bio": "x" * 501}, headers=htmx)
    assert refused.status_code == 422
    assert refused.content.decode().lstrip().startswith("<dialog")
    assert client.post("/settings/profile", FORM, headers=htmx)["HX-Redirect"] == "/@alice"


def test_profiles_of_others_cannot_be_edited(alice, bob):
    with pytest.raises(Forbidden):
        actions.edit_profile(member=alice, by=bob, bio="Bob was here.")
    assert Member.objects.get(pk=alice.pk).bio == ""


def test_only_profile_fields_are_edited(alice):
    with pytest.raises(Invalid):
        actions.edit_profile(member=alice, by=alice, is_staff="1")


def test_html_in_a_profile_is_escaped(client, alice):
    client.force_login(alice)
    client.post("/settings/profile", FORM | {"display_name": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get("/settings/profile").content.decode()


@pytest.mark.parametrize("path", ["", "/profile", "/account", "/sessions", "/appearance"])
def test_every_settings_page_works(client, alice, path):
    client.force_login(alice)
    assert client.get(f"/settings{path}").status_code == 200


@pytest.mark.parametrize("path", ["", "/profile", "/account", "/sessions"])
def test_settings_are_for_members(client, db, path):
    assert client.get(f"/settings{path}").status_code == 302


# --- Appearance --------------------------------------------------------------------------------------------


def test_a_member_chooses_a_theme_for_every_browser(client, alice):
    client.force_login(alice)
    response = client.post("/settings/appearance", {"theme": "dark"})
    assert response.cookies["theme"].value == "dark"
    alice.refresh_from_db()
    assert alice.theme == "dark"
    client.cookies.pop("theme")
    assert 'data-theme="dark"' in client.get("/settings").content.decode()


def test_a_visitor_chooses_a_theme(client, db):
    client.post("/settings/appearance", {"theme": "light"})
    page = " ".join(client.get("/settings/appearance").content.decode().split())
    assert 'data-theme="light"' in page
    assert 'value="light" data-theme-set="light" checked' in page


def test_videos_play_by_themselves_only_for_who_asked_for_it(client, alice):
    client.force_login(alice)
    assert "data-autoplay" not in client.get("/settings/appearance").content.decode()
    client.post("/settings/appearance", {"playback": "1", "autoplay": "on"})
    assert "data-autoplay" in client.get("/settings/appearance").content.decode()
    client.post("/settings/appearance", {"theme": "dark"})
    assert client.get("/api/settings").json()["autoplay"] is True
    client.post("/settings/appearance", {"playback": "1"})
    assert client.get("/api/settings").json()["autoplay"] is False


def test_an_unknown_theme_is_refused(client, alice):
    client.force_login(alice)
    client.post("/settings/appearance", {"theme": "neon"})
    alice.refresh_from_db()
    assert alice.theme == "system"


@pytest.mark.parametrize(
    "website",
    [
        "https://example.org@evil.example/", "https://example.org:443@evil.example/", "https://a:b@evil.example",
        "https://example.org%2f@evil.example/", "https://@evil.example/", "https://example.org\\@evil.example/",
        "https://evil.example\\.example.org/", "javascript:alert(1)", "ftp://example.org/",
    ],
)  # fmt: skip
def test_a_misleading_website_is_refused(alice, website):
    with pytest.raises(Invalid) as refused:
        actions.edit_profile(member=alice, by=alice, website=website)
    assert refused.value.fields["website"]


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("https://ana.example/", "ana.example"),
        ("https://ana.example:8443/notes/?a=1", "ana.example:8443/notes/?a=1"),
        ("http://http://example.org", "http//example.org"),
        # Stored before these were refused.
        ("https://example.org@evil.example/", "evil.example"),
        ("https://[", "https://["),
    ],
)
def test_a_website_link_shows_its_host(kept, shown):
    from core.templatetags.kith import shown_link

    assert shown_link(kept) == shown
