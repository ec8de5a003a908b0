import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import Member
from tests.accounts.conftest import sign_in
from tests.factories import make_member


@pytest.fixture
def boss(db):
    return Member.objects.create_superuser("boss", "boss@example.com", "correct horse")


@pytest.fixture
def desk(boss):
    client = Client()
    client.force_login(boss)
    return client


def do(desk, action, *members):
    data = {"action": action, "_selected_action": [str(member.pk) for member in members]}
    return desk.post("/admin/accounts/member/", data, follow=True)


def test_members_are_found_by_name_and_address(desk, alice, bob):
    for query in ("alice", "Alice", "alice@example.com", str(alice.pk)):
        page = desk.get("/admin/accounts/member/", {"q": query}).content.decode()
        assert "alice@example.com" in page
        assert "bob@example.com" not in page


def test_the_badge_is_granted_and_removed(desk, alice, bob):
    assert "2 of 2 now have the badge" in do(desk, "grant_badge", alice, bob).content.decode()
    assert "0 of 1 now have the badge" in do(desk, "grant_badge", alice).content.decode()
    assert Member.objects.filter(is_verified=True).count() == 2
    do(desk, "revoke_badge", alice)
    assert not Member.objects.get(pk=alice.pk).is_verified


def test_an_account_is_suspended_and_reinstated(desk, alice, boss):
    sign_in(owner := Client())
    do(desk, "deactivate", alice)
    assert owner.get("/settings").status_code == 302
    do(desk, "reactivate", alice)
    assert sign_in(owner).url == "/"
    page = do(desk, "deactivate", boss).content.decode()
    assert "You can’t delete the account you’re signed in with" in page
    assert Member.objects.get(pk=boss.pk).is_active


def test_moderators_are_appointed(desk, alice):
    do(desk, "make_moderator", alice)
    assert Member.objects.get(pk=alice.pk).is_moderator
    do(desk, "unmake_moderator", alice)
    assert not Member.objects.get(pk=alice.pk).is_moderator


def test_the_member_page_hides_the_password_and_saves_only_the_profile(desk, alice, heard):
    url = f"/admin/accounts/member/{alice.pk}/change/"
    page = desk.get(url).content.decode()
    assert alice.password not in page
    assert "algorithm" not in page
    form = {"display_name": "Alicia", "bio": "", "pronouns": "", "location": "", "website": ""}
    assert desk.post(url, form | {"is_staff": "on", "email": "x@example.com"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.display_name, alice.is_staff, alice.email) == ("Alicia", False, "alice@example.com")
    assert len(heard("accounts.ProfileEdited")) == 1


def test_a_password_set_in_the_admin_signs_the_member_out(desk, alice, heard):
    sign_in(owner := Client())
    url = f"/admin/accounts/member/{alice.pk}/password/"
    assert desk.get(url).status_code == 200
    data = {"password1": "another sentence", "password2": "another sentence", "usable_password": "true"}
    assert desk.post(url, data).status_code == 302
    assert owner.get("/settings").status_code == 302
    assert len(heard("accounts.SessionEnded")) == 1
    assert sign_in(Client(), "alice", "another sentence").url == "/"


def test_the_admin_has_no_sign_in_of_its_own(client, boss, alice):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    client.force_login(alice)
    assert client.get("/admin/").status_code in (302, 403)
    assert client.get("/admin/login/").status_code == 403


def test_every_admin_list_works_and_shows_no_secrets(desk, boss):
    sign_in(Client(), "boss")
    for app in ("accounts", "account", "mfa", "usersessions", "socialaccount", "sessions"):
        for model, model_admin in admin.site._registry.items():
            if model._meta.app_label != app:
                continue
            assert desk.get(f"/admin/{app}/{model._meta.model_name}/").status_code == 200
            shown = {*map(str, model_admin.list_display)}
            assert not shown & {"password", "session_key", "secret", "token", "data", "key"}


def test_members_are_neither_created_nor_deleted_in_the_admin(desk, alice):
    assert desk.get("/admin/accounts/member/add/").status_code == 403
    assert desk.post(f"/admin/accounts/member/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    make_member("carol")
    assert Member.objects.count() == 3
