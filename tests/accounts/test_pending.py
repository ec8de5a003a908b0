"""Which events end which pending things: each cell of the table in docs/accounts.md, by pages and by the API."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import DataExport, DataImport, Member, SignInPlace
from accounts.queries import export_link_key
from tests.accounts.conftest import DORA, PASSWORD, link_in, location_of, sign_in
from tests.accounts.test_second_factor import code_of
from tests.factories import make_member

APP = "/_allauth/app/v1"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = "another sentence"


def table():
    text = (Path(__file__).parents[2] / "docs/accounts.md").read_text()
    rows = re.findall(r"^\|(.*)\|$", text[text.index("| pending |") :].split("\n\n")[0], re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return cells[0][1:], cells[2:]


ENDINGS, ROWS = table()
CELLS = [
    pytest.param(row[0], ending, verdict, id=f"{row[0]} / {ending}".replace(" ", "-"))
    for row in ROWS
    for ending, verdict in zip(ENDINGS, row[1:], strict=True)
    if verdict != "-"
]


@pytest.fixture
def world(confirmed, mailoutbox, request):
    return World(confirmed, mailoutbox, request)


class World:
    """Alice, signed in here, and an attacker with her password, signed in elsewhere."""

    def __init__(self, alice, mails, request):
        self.alice, self.mails, self.request = alice, mails, request
        self.owner, self.other = self.signed_in(), self.signed_in()

    def signed_in(self):
        """Return a browser that has just reauthenticated."""
        client = Client()
        client.force_login(self.alice, backend="accounts.backends.MemberBackend")
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(self.alice.pk)
        session.save()
        client.get("/settings/sessions")
        from allauth.usersessions.models import UserSession

        UserSession.objects.create(
            user=self.alice, session_key=session.session_key, ip="127.0.0.1", user_agent="A browser"
        )
        return client

    def asks_for_address(self, client, address="other@example.net"):
        return client.post("/accounts/email/", {"email": address, "action_add": ""})

    def confirms(self, mail):
        return Client().post(link_in(mail))

    def has_totp(self):
        Authenticator.objects.create(
            user=self.alice, type="totp", data={"secret": get_adapter().encrypt(SECRET)}
        )

    def now(self):
        return Member.objects.get(pk=self.alice.pk)

    def app(self, path, data, **headers):
        return Client().post(f"{APP}/{path}", data, content_type="application/json", headers=headers)


# --- What is pending: each starts it, and returns a function that checks whether it can be finished ------------------


def a_change_of_address(world):
    world.asks_for_address(world.other, "thief@example.net")
    mail = world.mails.to("thief@example.net")[-1]

    def finished():
        world.confirms(mail)
        return EmailAddress.objects.filter(email="thief@example.net", verified=True).exists()

    return finished


def a_confirmation(world):
    EmailAddress.objects.filter(user=world.alice).update(verified=False)
    world.owner.post("/accounts/email/", {"email": world.alice.email, "action_send": ""})
    mail = world.mails.to(world.alice.email)[-1]

    def finished():
        EmailAddress.objects.filter(email="other@example.net").update(verified=True)
        page = Client().get(link_in(mail)).content.decode()
        Client().post(link_in(mail))
        confirmed = EmailAddress.objects.filter(email=world.alice.email, verified=True).exists()
        return confirmed and "no longer works" not in page

    return finished


def a_reset_link(world):
    Client().post("/accounts/password/reset/", {"email": world.alice.email})
    mail = world.mails.to(world.alice.email)[-1]
    return lambda: "no longer works" not in Client().get(link_in(mail), follow=True).content.decode()


def a_stop_link(world):
    world.asks_for_address(world.other, "thief@example.net")
    mail = world.mails.to(world.alice.email)[-1]

    def finished():
        browser = Client()
        answer = browser.post(link_in(mail))
        return (
            answer.status_code == 302
            and "set-password" in answer["Location"]
            and browser.get(answer["Location"]).status_code == 200
        )

    return finished


def a_half_sign_in(world):
    world.has_totp()
    client = Client()
    assert sign_in(client).url == "/accounts/2fa/authenticate/"

    def finished():
        client.post("/accounts/2fa/authenticate/", {"code": code_of(SECRET)})
        return client.get("/settings").status_code == 200

    return finished


def a_half_sign_in_by_app(world):
    world.has_totp()
    answer = world.app("auth/login", {"username": "alice", "password": PASSWORD})
    token = {"X-Session-Token": answer.json()["meta"]["session_token"]}

    def finished():
        done = world.app("auth/2fa/authenticate", {"code": code_of(SECRET)}, **token)
        return done.status_code == 200 and "access_token" in done.json()["meta"]

    return finished


def tokens(world):
    meta = world.app("auth/login", {"username": "alice", "password": PASSWORD}).json()["meta"]

    def finished():
        bearer = {"Authorization": f"Bearer {meta['access_token']}"}
        asked = Client().get("/api/profile", headers=bearer).status_code == 200
        fresh = world.app("tokens/refresh", {"refresh_token": meta["refresh_token"]}).status_code == 200
        assert asked == fresh
        return asked

    return finished


def an_app_being_set_up(world):
    page = world.other.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.findall(r'value="([A-Z2-7]{32})"', page)[0]

    def finished():
        world.other.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
        return Authenticator.objects.filter(user=world.alice.pk, type="totp").exists()

    return finished


def an_account_being_connected(world):
    provider = world.request.getfixturevalue("provider")
    provider.person = DORA | {"email": "thief@example.net"}
    there = world.other.post("/accounts/oidc/sso/login/?process=connect")
    location = location_of(there["Location"])

    def finished():
        world.other.get(f"{location.path}?{location.query}")
        return SocialAccount.objects.filter(user=world.alice.pk).exists()

    return finished


def a_way_back(world):
    world.owner.post("/settings/delete", {"username": "alice", "password": PASSWORD})
    client = Client()
    assert sign_in(client).url == "/welcome-back"

    def finished():
        client.post("/welcome-back")
        return Member.objects.filter(pk=world.alice.pk, is_active=True).exists()

    return finished


def an_invitation(world):
    invite = actions.make_invite(by=world.alice, uses_at_most=5)
    return lambda: Client().get(invite.path).status_code == 200


def a_copy_being_made(world):
    export = actions.request_export(member=world.alice, by=world.alice)

    def finished():
        actions.make_export(export_id=export.pk)
        return DataExport.objects.filter(pk=export.pk, state="ready").exists()

    return finished


def a_link_to_a_copy(world):
    export = actions.request_export(member=world.alice, by=world.alice)
    actions.make_export(export_id=export.pk)
    export = DataExport.objects.select_related("member").get(pk=export.pk)
    path = f"/settings/data/exports/{export.pk}?key={export_link_key(export)}"

    def finished():
        answers = [client.get(path) for client in (world.owner, world.other)]
        for answer in answers:
            answer.close()
        return any(answer.status_code == 200 for answer in answers)

    return finished


def an_import(world):
    make_member("carol")
    run = actions.request_import(by=world.alice, kind="mutes", content=b"Account address\ncarol\n")

    def finished():
        actions.run_import(import_id=run.pk)
        return DataImport.objects.filter(pk=run.pk, rows__outcome="done").exists()

    return finished


def known_places(world):
    client = Client()
    sign_in(client)
    return lambda: SignInPlace.objects.filter(member=world.alice.pk).count() == 2


BEGIN = {
    "change of address": a_change_of_address,
    "link that confirms the address of the sign-up": a_confirmation,
    "link to a new password": a_reset_link,
    "link that stops a change of address": a_stop_link,
    "sign-in that waits for the second factor": a_half_sign_in,
    "sign-in of an app that waits for the second factor": a_half_sign_in_by_app,
    "access and refresh tokens of an app": tokens,
    "authenticator app being set up": an_app_being_set_up,
    "account on another site being connected": an_account_being_connected,
    "restoring an account being deleted": a_way_back,
    "invitation": an_invitation,
    "data export being made": a_copy_being_made,
    "link to the file of an export": a_link_to_a_copy,
    "running import": an_import,
    "known browsers and networks": known_places,
}


# --- What ends them ------------------------------------------------------------------------------------------------


def boss():
    return Member.objects.create_superuser("boss", "boss@example.com", PASSWORD)


def by_the_administration(path, data):
    staff = Client()
    staff.force_login(boss())
    return staff.post(path, data)


def new_password(world):
    if not world.now().is_active:
        path = f"/admin/accounts/member/{world.alice.pk}/password/"
        answer = by_the_administration(path, {"usable_password": "true", "password1": NEW, "password2": NEW})
    else:
        answer = world.owner.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        )
    assert answer.status_code == 302
    assert world.now().check_password(NEW)


def reset_by_mail(world):
    client = Client()
    client.post("/accounts/password/reset/", {"email": world.alice.email})
    page = client.get(link_in(world.mails.to(world.alice.email)[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert world.now().check_password(NEW)


def signed_out_everywhere(world):
    if not world.now().is_active:
        answer = by_the_administration(
            "/admin/accounts/member/", {"action": "sign_out", "_selected_action": world.alice.pk}
        )
        assert answer.status_code == 302
    else:
        world.owner.post("/settings/sessions/end")


def second_factor_removed(world):
    if Authenticator.objects.filter(user=world.alice).exists():
        world.owner.post("/accounts/2fa/totp/deactivate/")
    else:
        key = Authenticator.objects.create(
            user=world.alice, type="webauthn", data={"name": "Key", "credential": {}}
        )
        world.owner.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.filter(user=world.alice).exists()


def address_changed(world):
    world.asks_for_address(world.owner)
    world.confirms(world.mails.to("other@example.net")[-1])
    assert world.now().email == "other@example.net"


def deleted_by_its_owner(world):
    answer = world.owner.post("/settings/delete", {"username": "alice", "password": PASSWORD})
    assert answer.url == "/goodbye"


def closed_by_staff(world):
    assert actions.deactivate_member(member=world.now(), by=boss())


def erased(world):
    actions.erase_now(member=world.now(), by=boss())
    assert actions.erase_member(member_id=world.alice.pk, until=timezone.now() + timedelta(minutes=5))
    assert not Member.objects.filter(pk=world.alice.pk).exists()


END = {
    "new password": new_password,
    "reset by email": reset_by_mail,
    "signed out everywhere": signed_out_everywhere,
    "second factor removed": second_factor_removed,
    "address changed": address_changed,
    "deleted by its owner": deleted_by_its_owner,
    "closed by staff": closed_by_staff,
    "erased": erased,
}


def test_the_table_in_the_documentation_lists_the_tested_cases():
    assert [row[0] for row in ROWS] == list(BEGIN)
    assert list(END) == ENDINGS
    assert {cell for row in ROWS for cell in row[1:]} == {"ends", "stays", "-"}


@pytest.mark.parametrize("pending", list(BEGIN))
def test_a_pending_thing_can_be_finished(world, pending):
    assert BEGIN[pending](world)()


@pytest.mark.parametrize(("pending", "ending", "verdict"), CELLS)
def test_events_end_what_is_pending_as_the_table_says(world, pending, ending, verdict):
    finished = BEGIN[pending](world)
    END[ending](world)
    assert finished() == (verdict == "stays")
