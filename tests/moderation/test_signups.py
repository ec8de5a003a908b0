"""Sign-up requests, and the decisions of moderators."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts import actions
from accounts.models import Member, SignupRequest
from core.refusals import Conflict, Forbidden, Invalid
from tests.factories import make_member

WHY = "I build small robots."


@pytest.fixture(autouse=True)
def approval(settings):
    settings.SIGNUP_MODE = "approval"
    cache.clear()


def ask(name="dora", **fields):
    member = Member(username=name, email=f"{name}@example.org", **fields)
    member.set_password("a long sentence")
    return actions.join(member=member, reason=WHY)


@pytest.fixture
def dora(db):
    return ask()


def as_(member):
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def decide(client, member, act, **fields):
    return client.post(f"/moderation/signups/{member.pk}/decide", {"act": act} | fields)


def test_signup_requests_are_listed_longest_waiting_first(moderator, dora):
    eve = ask("eve", display_name="Eve")
    EmailAddress.objects.create(user=eve, email=eve.email, verified=True, primary=True)
    page = as_(moderator).get("/moderation/signups")
    assert [(row.member, row.confirmed) for row in page.context["page"].items] == [(dora, False), (eve, True)]
    text = page.content.decode()
    assert WHY in text
    assert "example.org" in text
    assert "dora@example.org" not in text, "the domain is enough to decide by"
    assert "Sign-up requests 2" in as_(moderator).get("/moderation").content.decode()


def test_there_is_no_signup_tab_with_open_signup(moderator, settings):
    settings.SIGNUP_MODE = "open"
    assert "Sign-up requests" not in as_(moderator).get("/moderation").content.decode()


def test_the_tab_stays_while_requests_are_waiting(moderator, dora, settings):
    settings.SIGNUP_MODE = "open"
    assert "Sign-up requests 1" in as_(moderator).get("/moderation").content.decode()


@pytest.mark.parametrize("who", ["alice", None])
def test_signup_requests_are_404_for_others(request, dora, who):
    client = as_(request.getfixturevalue(who)) if who else Client()
    assert client.get("/moderation/signups").status_code == 404
    assert decide(client, dora, "approve").status_code == 404
    assert client.get("/api/moderation/signups").status_code == 404
    url = f"/api/moderation/signups/{dora.pk}/decide"
    assert client.post(url, {"act": "approve"}, content_type="application/json").status_code in (
        401,
        403,
        404,
    )
    dora.refresh_from_db()
    assert not dora.is_active


def test_only_a_moderator_decides(alice, dora):
    with pytest.raises(Forbidden):
        actions.approve_signup(member_id=dora.pk, by=alice)
    with pytest.raises(Forbidden):
        actions.decline_signup(member_id=dora.pk, by=alice)


def test_an_approved_applicant_is_a_member(
    moderator, dora, mailoutbox, deliver, django_capture_on_commit_callbacks
):
    deliver()
    alice = as_(make_member("alice"))
    assert alice.get("/api/search/users?q=dora").json()["items"] == []
    with django_capture_on_commit_callbacks(execute=True):
        assert decide(as_(moderator), dora, "approve")["Location"] == "/moderation/signups"
    dora.refresh_from_db()
    assert dora.is_active
    assert dora.joined_at >= dora.signup_request.created_at
    assert dora.signup_request.decided_by == moderator
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["dora@example.org"], "[Kith] Your account is approved")
    ]
    assert "/accounts/login/" in mailoutbox[0].body
    signed_in = Client().post("/accounts/login/", {"login": "dora", "password": "a long sentence"})
    assert signed_in["Location"] in ("/", "/start/profile")
    deliver()
    assert [row["username"] for row in alice.get("/api/search/users?q=dora").json()["items"]] == ["dora"]
    assert Client().get("/@dora").status_code == 200


def test_approving_is_idempotent(moderator, dora, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.approve_signup(member_id=dora.pk, by=moderator)
        assert not actions.approve_signup(member_id=dora.pk, by=moderator)
    assert len(mailoutbox) == 1
    page = as_(moderator)
    decide(page, dora, "approve")
    assert "already been approved" in page.get("/moderation/signups").content.decode()


def test_a_declined_applicant_gets_the_message_and_can_ask_again(
    moderator, dora, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        decide(as_(moderator), dora, "refuse", words="We are a club for\r\ngardeners.")
    assert not Member.objects.filter(username="dora").exists()
    assert not EmailAddress.objects.filter(email="dora@example.org").exists()
    assert not SignupRequest.objects.exists()
    assert mailoutbox[0].to == ["dora@example.org"]
    assert "We are a club for\ngardeners." in mailoutbox[0].body
    assert not ask().is_active


def test_the_message_to_a_declined_applicant_has_a_maximum_length(moderator, dora):
    with pytest.raises(Invalid):
        actions.decline_signup(member_id=dora.pk, by=moderator, message="x" * 501)
    assert Member.objects.filter(username="dora").exists()


def test_a_line_break_in_a_name_adds_no_email_header(
    moderator, mailoutbox, django_capture_on_commit_callbacks
):
    eve = ask("eve", display_name="Eve\nBcc: all@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        actions.decline_signup(member_id=eve.pk, by=moderator, message="No\nBcc: all@example.org")
    assert mailoutbox[0].recipients() == ["eve@example.org"]


def test_a_declined_request_cannot_be_approved(moderator, dora):
    other = make_member("mod2", is_moderator=True)
    actions.decline_signup(member_id=dora.pk, by=moderator)
    for act in ("approve", "refuse"):
        page = as_(other)
        assert decide(page, dora, act).url == "/moderation/signups"
        assert "Someone else has already decided" in page.get("/moderation/signups").content.decode()


def test_an_approved_request_cannot_be_declined(moderator, dora):
    actions.approve_signup(member_id=dora.pk, by=moderator)
    with pytest.raises(Conflict):
        actions.decline_signup(member_id=dora.pk, by=moderator)
    assert Member.objects.filter(username="dora").exists()


def test_a_member_without_a_request_cannot_be_declined(moderator, alice):
    with pytest.raises(Conflict):
        actions.decline_signup(member_id=alice.pk, by=moderator)
    assert Member.objects.filter(pk=alice.pk).exists()


def test_a_decided_request_leaves_the_list_at_once(moderator, dora):
    answer = as_(moderator).post(
        f"/moderation/signups/{dora.pk}/decide", {"act": "approve"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Approve" in answer["HX-Trigger"]


def test_the_api_lists_and_decides(moderator, dora):
    client = as_(moderator)
    rows = client.get("/api/moderation/signups").json()["items"]
    assert [(row["username"], row["reason"], row["email_domain"]) for row in rows] == [
        ("dora", WHY, "example.org")
    ]
    url = f"/api/moderation/signups/{dora.pk}/decide"
    assert client.post(url, {"act": "maybe"}, content_type="application/json").status_code == 422
    assert client.post(url, {"act": "approve"}, content_type="application/json").status_code == 204
    assert client.post(url, {"act": "refuse"}, content_type="application/json").status_code == 409
    assert client.get("/api/moderation/signups").json()["items"] == []


def test_signup_requests_are_paged_with_a_constant_number_of_queries(
    moderator, django_assert_max_num_queries
):
    for number in range(45):
        ask(f"dora{number}")
    client, seen, cursor = as_(moderator), [], ""
    while True:
        with django_assert_max_num_queries(8):
            page = client.get(f"/api/moderation/signups?cursor={cursor}").json()
        seen += [row["username"] for row in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [f"dora{number}" for number in range(45)]


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_decisions_about_a_signup_succeeds(mailoutbox):
    for _ in range(5):
        dora = ask()
        mods = (
            [Member.objects.get(username=name) for name in ("one", "two")]
            if _
            else [make_member(name, is_moderator=True) for name in ("one", "two")]
        )
        start = threading.Barrier(2)
        outcomes: list[str] = []

        def act(by, what, start=start, outcomes=outcomes, dora=dora):
            try:
                start.wait()
                if what == "approve":
                    actions.approve_signup(member_id=dora.pk, by=by)
                else:
                    actions.decline_signup(member_id=dora.pk, by=by)
                outcomes.append(what)
            except Conflict:
                outcomes.append("late")
            finally:
                connections.close_all()

        threads = [
            threading.Thread(target=act, args=pair) for pair in zip(mods, ("approve", "refuse"), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) in (["approve", "late"], ["late", "refuse"])
        left = Member.objects.filter(username="dora").first()
        assert (left is not None and left.is_active) == ("approve" in outcomes)
        Member.objects.filter(username="dora").delete()
