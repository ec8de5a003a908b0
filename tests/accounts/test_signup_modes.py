"""Sign-up modes at every entry point: open, with approval, by invite."""

import threading

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from django.test import Client

from accounts import actions
from accounts.models import Invite, InviteUse, Member, SignupRequest
from core.refusals import Conflict, Forbidden, Invalid
from tests.accounts.conftest import DORA, link_in, sign_in
from tests.accounts.test_elsewhere import go
from tests.factories import make_member

FORM = {"email": "dora@example.com", "username": "dora", "password1": "a long sentence"}
APP = "/_allauth/app/v1"
HOME = ("/", "/start/profile")
WHY = "I build small robots and want to talk about them."


def join(client, **fields):
    return client.post("/accounts/signup/", FORM | fields)


def join_by_app(client=None, **fields):
    data = {"email": "dora@example.com", "username": "dora", "password": "a long sentence"} | fields
    return (client or Client()).post(f"{APP}/auth/signup", data, content_type="application/json")


@pytest.fixture
def approval(settings):
    settings.SIGNUP_MODE = "approval"


@pytest.fixture
def invite_only(settings):
    settings.SIGNUP_MODE = "invite"


@pytest.fixture
def invite(alice):
    return actions.make_invite(by=alice, uses_at_most=1)


# --- The setting -------------------------------------------------------------------------------------------


def test_check_reports_an_unknown_mode(settings):
    settings.SIGNUP_MODE = "opne"
    with pytest.raises(SystemCheckError, match="open, approval, invite"):
        call_command("check")


@pytest.mark.parametrize("mode", ["open", "approval", "invite"])
def test_check_accepts_every_known_mode(settings, mode):
    settings.SIGNUP_MODE = mode
    call_command("check")


def test_open_sign_up_asks_for_no_reason(client, db):
    page = client.get("/accounts/signup/").content.decode()
    assert "Why do you want to join" not in page
    assert join(client).status_code == 302
    assert Member.objects.get().is_active
    assert not SignupRequest.objects.exists()


# --- With approval -----------------------------------------------------------------------------------------


def test_an_applicant_gives_a_reason_and_waits(client, approval, heard, mailoutbox):
    assert "Why do you want to join" in client.get("/accounts/signup/").content.decode()
    response = join(client, reason=f"  {WHY}\r\n")
    assert response.url == "/accounts/waiting"
    assert "is waiting for a moderator" in client.get(response.url).content.decode()
    dora = Member.objects.get()
    assert not dora.is_active
    assert dora.signup_request.reason == WHY
    assert not heard("accounts.MemberJoined")
    assert client.get("/settings").status_code == 302, "nobody is signed in"
    assert link_in(mailoutbox[0]), "the address is confirmed as ever"


@pytest.mark.parametrize("reason", ["", "   \n", "x" * 501])
def test_an_empty_or_too_long_reason_is_refused_with_a_message(client, approval, db, reason):
    response = join(client, reason=reason)
    assert response.context["form"].errors["reason"]
    assert not Member.objects.exists()


def test_a_reason_of_500_characters_is_accepted(client, approval, db):
    assert join(client, reason="é" * 499 + "\r\n").url == "/accounts/waiting"


def test_an_applicant_confirms_the_address_and_sees_that_the_request_waits(client, db, approval, mailoutbox):
    join(client, reason=WHY)
    assert client.post(link_in(mailoutbox[0])).url == "/accounts/waiting"
    assert EmailAddress.objects.get().verified


def test_a_waiting_request_is_shown_only_with_the_right_password(approval, db):
    join(Client(), reason=WHY)
    assert sign_in(Client(), "dora", "a long sentence").url == "/accounts/waiting"
    wrong = sign_in(Client(), "dora", "not that")
    nobody = sign_in(Client(), "nobody", "not that")
    assert (wrong.status_code, wrong.context["form"].errors) == (200, nobody.context["form"].errors)
    closed = make_member("closed", is_active=False)
    assert sign_in(Client(), closed.username).url == "/accounts/inactive/"


def test_an_app_is_told_that_the_request_waits(approval, db):
    assert join_by_app(reason=WHY).status_code == 401
    assert not Member.objects.get().is_active
    data = {"username": "dora", "password": "a long sentence"}
    answer = Client().post(f"{APP}/auth/login", data, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "signup_waiting")


def test_an_app_that_sends_no_reason_is_refused(approval, db):
    answer = join_by_app()
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (400, "reason")
    assert not Member.objects.exists()


def test_mandatory_confirmation_does_not_reveal_a_taken_address(approval, confirmed, settings, mailoutbox):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    taken = join(Client(), email="alice@example.com", reason=WHY)
    free = join(Client(), username="dora2", email="new@example.com", reason=WHY)
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    taken = join_by_app(email="alice@example.com", username="dora3", reason=WHY)
    free = join_by_app(email="newer@example.com", username="dora4", reason=WHY)
    assert (taken.status_code, taken.json()["data"]) == (free.status_code, free.json()["data"])


def test_social_sign_up_asks_for_a_reason_and_waits(client, provider, approval, heard):
    assert go(client).url == "/accounts/3rdparty/signup/"
    assert not Member.objects.exists()
    assert "Why do you want to join" in client.get("/accounts/3rdparty/signup/").content.decode()
    form = {"email": DORA["email"], "username": "dora"}
    assert client.post("/accounts/3rdparty/signup/", form).context["form"].errors["reason"]
    assert client.post("/accounts/3rdparty/signup/", form | {"reason": WHY}).url == "/accounts/waiting"
    dora = Member.objects.get()
    assert not dora.is_active
    assert dora.signup_request.reason == WHY
    assert not heard("accounts.MemberJoined")
    assert go(Client()).url == "/accounts/waiting", "nor does coming back from there sign in"


def test_applicants_are_hidden(client, approval, db):
    join(client, reason=WHY)
    assert Client().get("/@dora").status_code == 404


def test_an_applicants_account_is_opened_only_by_a_decision(client, approval, db):
    join(client, reason=WHY)
    boss = make_member("boss", is_staff=True)
    with pytest.raises(Invalid, match="under Moderation"):
        actions.reactivate_member(member=Member.objects.get(username="dora"), by=boss)


def test_an_invite_skips_approval(client, approval, invite, heard):
    client.get(invite.path)
    page = client.get("/accounts/signup/").content.decode()
    assert "Why do you want to join" not in page
    assert "Invited by <strong>Alice</strong>" in page
    assert join(client).url in HOME
    assert Member.objects.get(username="dora").is_active
    assert not SignupRequest.objects.exists()
    assert len(heard("accounts.MemberJoined")) == 1


def test_a_revoked_invite_requires_a_reason(client, approval, invite, alice):
    client.get(invite.path)
    actions.revoke_invite(invite=invite, by=alice)
    assert join(client).context["form"].errors["reason"]
    assert join(client, reason=WHY).url == "/accounts/waiting"


# --- With invites ------------------------------------------------------------------------------------------


def test_without_an_invite_the_page_says_that_one_is_needed(client, invite_only, db):
    assert "Invite only" in client.get("/accounts/signup/").content.decode()
    assert "Invite only" in join(client).content.decode()
    assert not Member.objects.exists()


def test_signing_up_with_an_invite_counts_a_use(client, invite_only, invite, heard, alice):
    page = client.get(invite.path)
    assert "Alice invites you" in page.content.decode()
    assert join(client).url in HOME
    dora = Member.objects.get(username="dora")
    assert InviteUse.objects.get().member == dora
    assert Invite.objects.get().uses == 1
    assert len(heard("accounts.MemberJoined")) == 1
    dora.refresh_from_db()
    assert dora.following_count == 0, "nobody is followed by joining"


def test_a_used_up_invite_makes_no_second_account(invite_only, invite):
    first, second = Client(), Client()
    for client in (first, second):
        assert client.get(invite.path).status_code == 200
    join(first)
    assert "Invite only" in join(second, username="eve", email="eve@example.com").content.decode()
    assert Member.objects.filter(username="eve").count() == 0
    assert "Invite only" in Client().get("/accounts/signup/").content.decode()


def test_an_app_sends_the_code(invite_only, invite):
    refused = join_by_app()
    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (400, "invite")
    assert join_by_app(invite="x" * 32).status_code == 400
    assert not Member.objects.filter(username="dora").exists()
    assert join_by_app(invite=invite.code).status_code == 200
    assert InviteUse.objects.get().member.username == "dora"
    assert join_by_app(invite=invite.code, username="eve", email="eve@example.com").status_code == 400


def test_social_sign_up_needs_an_invite_too(provider, invite_only, invite, heard):
    stranger = Client()
    assert "Invite only" in go(stranger).content.decode()
    assert not SocialAccount.objects.exists()
    invited = Client()
    invited.get(invite.path)
    assert go(invited).url in HOME
    assert InviteUse.objects.get().member.username == "dora"
    assert len(heard("accounts.MemberJoined")) == 1


@pytest.fixture
def from_elsewhere(provider, rf):
    """Return a function that completes a social sign-up by app with the given fields."""

    def finish(**fields):
        request = rf.get("/")
        there = SocialLogin(
            user=Member(email=DORA["email"], username="dora"),
            account=SocialAccount(provider="sso", uid=DORA["sub"]),
            email_addresses=[EmailAddress(email=DORA["email"], verified=True, primary=True)],
            provider=get_adapter(request).get_provider(request, "sso"),
        )
        session = SessionStore()
        session["socialaccount_sociallogin"] = there.serialize()
        session.save()
        return Client().post(
            f"{APP}/auth/provider/signup",
            {"email": DORA["email"], "username": "dora"} | fields,
            content_type="application/json",
            headers={"X-Session-Token": str(session.session_key)},
        )

    return finish


def test_social_sign_up_by_app_follows_the_mode(from_elsewhere, settings, alice, heard):
    settings.SIGNUP_MODE = "invite"
    refused = from_elsewhere()
    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (400, "invite")
    settings.SIGNUP_MODE = "approval"
    refused = from_elsewhere()
    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (400, "reason")
    assert not Member.objects.filter(username="dora").exists()
    waits = from_elsewhere(reason=WHY)
    assert (waits.status_code, waits.json()["errors"][0]["code"]) == (403, "signup_waiting")
    assert not Member.objects.get(username="dora").is_active
    assert not heard("accounts.MemberJoined")
    Member.objects.filter(username="dora").delete()
    settings.SIGNUP_MODE = "invite"
    code = actions.make_invite(by=alice, uses_at_most=1).code
    assert from_elsewhere(invite=code).status_code == 200
    assert InviteUse.objects.get().member.username == "dora"
    assert len(heard("accounts.MemberJoined")) == 1


def test_every_way_to_create_a_member_follows_the_mode(invite_only, db):
    with pytest.raises(Forbidden):
        actions.join(member=Member(username="dora", email="dora@example.com"))
    assert not Member.objects.exists()


def test_without_a_reason_nothing_is_created(approval, db):
    with pytest.raises(Invalid):
        actions.join(member=Member(username="dora", email="dora@example.com"))
    assert not Member.objects.exists()


def test_invites_work_with_open_sign_up_too(client, invite):
    client.get(invite.path)
    assert "Invited by <strong>Alice</strong>" in client.get("/accounts/signup/").content.decode()
    assert join(client).url in HOME
    assert Invite.objects.get().uses == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_five_concurrent_sign_ups_gets_the_last_place(settings):
    settings.SIGNUP_MODE = "invite"
    invite = actions.make_invite(by=make_member("alice"), uses_at_most=1)
    start = threading.Barrier(5)
    outcomes: list[str] = []

    def one(number: int) -> None:
        try:
            member = Member(username=f"dora{number}", email=f"dora{number}@example.com")
            start.wait()
            actions.join(member=member, invite=invite.code)
            outcomes.append("in")
        except (Conflict, Forbidden):
            outcomes.append("out")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["out"] * 4
    invite.refresh_from_db()
    assert (invite.uses, InviteUse.objects.count()) == (1, 1)
    assert Member.objects.filter(username__startswith="dora").count() == 1
