"""Test odd input to pages and the API: it gets a refusal, never an error or a redirect to another site."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import Member
from core.api import as_id
from core.refusals import Invalid
from messaging.actions import delete_message, send_message
from tests.factories import make_member, make_post
from tests.security.clients import app, web

pytestmark = pytest.mark.django_db
SIGN_IN = "/_allauth/app/v1"
DEEP = "[" * 200_000


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


# --- Redirects ---------------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "///elsewhere.example",
    "/\\elsewhere.example",
    "http://testserver//elsewhere.example/x",
    "//testserver//elsewhere.example",
    "http://testserver/\\elsewhere.example",
    "http://testserver/\t/elsewhere.example",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_form_redirects_to_another_site(alice: Member, bob: Member, address: str) -> None:
    by_form = web(alice).post("/@bob/follow", {"next": address})
    by_referer = web(alice).post("/@bob/follow", headers={"Referer": address})
    by_htmx = web(alice).post("/@bob/follow", headers={"HX-Current-URL": address})
    for answer in (by_form, by_referer, by_htmx):
        assert answer.status_code == 302
        assert answer["Location"] == "/@bob"


def test_a_form_redirects_to_a_url_of_this_site(alice: Member, bob: Member) -> None:
    answer = web(alice).post("/@bob/follow", {"next": "http://testserver/explore?tab=people"})
    assert answer["Location"] == "/explore?tab=people"


# --- Writes ------------------------------------------------------------------------------------------------

WRITES = [
    "/posts", "/posts/{post}/like", "/posts/{post}/unlike", "/posts/{post}/bookmark", "/posts/{post}/unbookmark",
    "/@bob/follow", "/@bob/unfollow", "/start/leave", "/settings/sessions/end",
    "/notifications/read",
]  # fmt: skip


@pytest.mark.parametrize("path", WRITES)
def test_a_write_requires_post_a_csrf_token_and_signing_in(alice: Member, bob: Member, path: str) -> None:
    path = path.format(post=make_post(bob).id)
    assert web(alice).get(path).status_code == 405
    checked = web(alice, enforce_csrf_checks=True)
    assert checked.post(path, {"text": "x"}).status_code == 403
    guest = web().post(path, {"text": "x"})
    assert guest["Location"].startswith("/accounts/login/")


def test_the_api_requires_the_csrf_token_from_browsers_too(alice: Member, bob: Member) -> None:
    post = make_post(bob)
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(f"/api/posts/{post.id}/like").status_code == 403
    assert APIClient().post(f"/api/posts/{post.id}/like").status_code == 401


def test_forms_and_the_api_share_one_write_limit(alice: Member, bob: Member, settings: Any) -> None:
    settings.API_RATES = {"read": "100/day", "write": "2/day"}
    assert web(alice).post("/@bob/follow").status_code == 302
    assert app(alice).delete(f"/api/users/{bob.id}/follow").status_code == 200
    refused = web(alice).post("/@bob/follow")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    by_htmx = web(alice).post("/@bob/follow", headers={"HX-Request": "true"})
    assert by_htmx.status_code == 429
    assert "toast" in by_htmx["HX-Trigger"]
    assert web(bob).post("/@alice/follow").status_code == 302, "somebody else"
    assert web(alice).get("/explore").status_code == 200, "reading"


def test_the_schema_counts_as_a_read(db: None, settings: Any) -> None:
    settings.API_RATES = {"read": "1/day", "write": "1/day"}
    assert [web().get("/api/schema").status_code for _ in range(2)] == [200, 429]


# --- Odd input ---------------------------------------------------------------------------------------------

ADDRESSES = [
    "/@a%00b", "/@a%00b/replies", "/@a%00b/followers", "/@a%00b/12", "/@alice/9999999999999999999",
    "/messages/with/a%00b", "/api/profiles/a%00b", "/tags/a%00b", "/media/a%00b", "/posts/0",
    "/posts/9223372036854775807", "/notifications/0/open", "/compose?text=%00",
    "/live/since?streams=post.%00,member.1&after=%00", "/search?q=%00", "/search?q=a&cursor=%00", "/?cursor=%00",
    "/search?q=" + "(" * 200, "/api/search/posts?q=" + "a" * 100_000,
    # Cursors of the right shape with odd values: [1, 2], [1e300, 2], ["a", 2].
    "/explore?tab=people&cursor=WzEsMl0", "/explore?tab=people&cursor=WzFlMzAwLDJd",
    "/explore?tab=people&cursor=WyJhIiwyXQ",
    "/accounts/login/?next=%00", "/accounts/confirm-email/%00/", "/accounts/password/reset/key/1-%00/",
    "/api/trends?format=xml", "/api/schema?format=%00",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:50])
def test_an_odd_url_causes_no_500(alice: Member, address: str) -> None:
    for member in (None, alice):
        assert web(member).get(address).status_code < 500


@pytest.mark.parametrize("number", ["-1", "1.0", "٣", "9" * 19, "0" * 20 + "9" * 30, "0" * 20 + "9" * 5000])
def test_an_invalid_id_is_refused(number: str) -> None:
    with pytest.raises(Invalid):
        as_id(number)


BODIES = [
    DEEP, '{"text":' * 50_000, '{"text":"\\ud800a"}', '{"text":"a","in_reply_to":"' + "0" * 20 + "9" * 5000 + '"}',
    '{"text":NaN}', '{"text":1e999}', '{"text":' + "1" * 5000 + "}", '"x"', "[]", "null", '{"events":[[]]}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:30])
def test_odd_json_causes_no_500(alice: Member, bob: Member, body: str) -> None:
    post = make_post(bob)
    for method, path in (
        ("post", "/api/posts"),
        ("post", f"/api/posts/{post.id}/comments"),
        ("post", f"/api/posts/{post.id}/report"),
        ("post", f"/api/users/{bob.id}/messages"),
        ("post", "/api/track"),
        ("patch", "/api/profile"),
        ("put", "/api/profile/avatar"),
    ):
        answer = getattr(app(alice), method)(path, body, content_type="application/json")
        assert answer.status_code < 500, path


ONCE_A_FAULT = [
    ("OPTIONS", "/api/docs", "", 405),
    ("GET", "/_allauth/app/v1/account/phone", "", 404),
    ("POST", "/_allauth/app/v1/auth/phone/verify", '{"code": "1"}', 404),
    ("POST", "/_allauth/app/v1/auth/password/reset", '{"key": "-1", "password": "x"}', 400),
    ("POST", "/_allauth/app/v1/auth/webauthn/login", json.dumps({"credential": "9" * 5000}), 400),
    ("POST", "/_allauth/app/v1/auth/webauthn/login", json.dumps({"credential": "[" * 5000}), 400),
    ("POST", "/api/users/{bob}/mute", '{"duration": -100000000000000}', 422),
    ("POST", "/api/users/{bob}/mute", '{"duration": 0}', 422),
    ("POST", "/api/muted-words", '{"text": "a", "duration": -100000000000000}', 422),
    ("GET", "/live/since?streams=post.%ED%A0%80", "", 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), ONCE_A_FAULT)
def test_former_errors_are_refused(
    alice: Member, bob: Member, method: str, path: str, body: str, status: int
) -> None:
    answer = web(alice).generic(method, path.format(bob=bob.pk), body, content_type="application/json")
    assert answer.status_code == status, answer.content


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("&".join(f"a{n}=1" for n in range(300)), "application/x-www-form-urlencoded", 400),
        ("text=" + "a" * 3_000_000, "application/x-www-form-urlencoded", 413),
        (json.dumps({"text": "a" * 3_000_000}), "application/json", 413),
    ],
    ids=["many fields", "long form", "long json"],
)
def test_a_request_that_is_too_large_gets_a_message(alice: Member, body: str, kind: str, status: int) -> None:
    answer = app(alice).post("/api/posts", body, content_type=kind)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message", "trace_id"}


@pytest.mark.parametrize("half", ["username", "password", "email", "refresh_token", "key"])
@pytest.mark.parametrize("path", ["/auth/login", "/auth/signup", "/tokens/refresh", "/auth/password/reset"])
def test_an_unpaired_surrogate_causes_no_500_at_sign_in(alice: Member, path: str, half: str) -> None:
    body = {"username": "alice", "password": "correct horse", "email": "new@example.com", half: "\ud800"}
    answer = web().post(SIGN_IN + path, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"] == "parse_error"


def test_deep_json_causes_no_500_at_sign_in(db: None) -> None:
    answer = web().post(f"{SIGN_IN}/auth/login", DEEP[:50_000], content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("token", ["", "a b c", "a.b.c", "é", "a." * 1000])
def test_an_odd_token_is_invalid(db: None, token: str) -> None:
    assert web().get("/api/profile", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert web().get(f"{SIGN_IN}/auth/session", headers={"X-Session-Token": token}).status_code < 500


def test_a_deleted_message_is_not_sent_again_by_its_idempotency_key(alice: Member, bob: Member) -> None:
    delete_message(message=send_message(by=alice, to=bob, text="x", idempotency_key="k"), by=alice)
    by_api = app(alice).post(f"/api/users/{bob.id}/messages", {"text": "x"}, headers={"Idempotency-Key": "k"})
    by_form = web(alice).post("/messages/with/bob", {"text": "x", "idempotency_key": "k"})
    assert (by_api.status_code, by_form.status_code) == (409, 409)


@pytest.mark.parametrize(
    "website",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://x.example/%0aalert(1)",
        "data:text/html,x",
        "http://x\njavascript:y",
        "\ud800",
    ],
)
def test_a_website_has_an_http_url(alice: Member, website: str) -> None:
    answer = app(alice).patch(
        "/api/profile", json.dumps({"website": website}), content_type="application/json"
    )
    alice.refresh_from_db()
    assert answer.status_code < 500
    assert not alice.website or alice.website.startswith(("http://", "https://"))


def test_another_host_is_refused(db: None) -> None:
    assert web().get("/", headers={"Host": "elsewhere.example"}).status_code == 400


# --- The admin ---------------------------------------------------------------------------------------------

SECRETS = [
    "/admin/usersessions/usersession/?session_key__startswith=a", "/admin/sessions/session/?session_key__startswith=a",
    "/admin/mfa/authenticator/?data__icontains=a", "/admin/accounts/member/?password__startswith=a",
    "/admin/core/idempotencykey/?key__startswith=a", "/admin/messaging/conversation/?last_message__text__contains=a",
    "/admin/account/emailaddress/?user__password__startswith=a",
]  # fmt: skip


@pytest.mark.parametrize("address", SECRETS)
def test_admin_filters_do_not_reveal_secrets(address: str, db: None) -> None:
    client = web(make_member("root", is_staff=True, is_superuser=True))
    assert client.get(address).status_code == 400


def test_no_admin_page_shows_a_secret(alice: Member) -> None:
    from django.contrib import admin

    root = make_member("root", is_staff=True, is_superuser=True)
    client = web(root)
    send_message(by=alice, to=root, text="Between us two")
    make_post(alice, "Hello #there @root")
    key = client.session.session_key or ""
    for model, shown in admin.site._registry.items():
        lists = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._default_manager.first()
        for address in (
            [lists, f"{lists}{row.pk}/change/"] if row and shown.list_display_links is not None else [lists]
        ):
            answer = client.get(address, follow=True)
            assert answer.status_code == 200, address
            for secret in (b"Between us two", root.password.encode(), key.encode()):
                assert secret not in answer.content, address
