"""Test the limits on all input, which are checked before any other work (core.limits, core.bodies).

They cover the length and validity of texts, the amount of JSON, and the size of bodies.
"""

import asyncio
import json
import unicodedata
from typing import Any

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from accounts.models import Member
from core import bodies, limits
from posts.models import Post
from tests.factories import make_member, make_post
from tests.security.clients import app, web

pytestmark = pytest.mark.django_db
SIGN_IN = "/_allauth/app/v1"
MARKS = "a" + "\u0301\u0316" * 5_000
HALF = "a\ud800"


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def never_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a text with many combining marks is normalized, by us, Django or allauth."""

    def watched(form: Any, text: str) -> str:
        assert text.count("\u0301") < 40, "a row of marks came as far as this"
        return plain(form, text)

    plain = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", watched)


def sent(client: Client, method: str, path: str, body: Any) -> Any:
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")


# --- Text ----------------------------------------------------------------------------------------------------

FORMS = [
    ("/posts", "text"), ("/posts/{post}/edit", "text"), ("/posts/{post}/report", "words"), ("/start/post", "text"),
    ("/settings/profile", "bio"), ("/settings/profile", "display_name"), ("/settings/words", "text"),
    ("/settings/invites", "note"), ("/lists/new", "title"), ("/messages/with/bob", "text"),
    ("/accounts/login/", "login"), ("/accounts/login/", "password"), ("/accounts/signup/", "username"),
    ("/accounts/password/reset/", "email"), ("/admin/login/", "username"), ("/settings/delete", "password"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "field"), FORMS)
def test_a_form_refuses_many_combining_marks(
    alice: Member, bob: Member, never_normalized: None, path: str, field: str
) -> None:
    path = path.format(post=make_post(alice).pk)
    member = None if path.startswith(("/accounts/", "/admin/")) else alice
    answer = web(member).post(path, {field: MARKS})
    assert answer.status_code in (302, 422)
    by_htmx = web(member).post(path, {field: MARKS}, headers={"HX-Request": "true"})
    assert by_htmx.status_code == 422
    assert Post.objects.count() == 1


BODIES = [
    ("post", "/api/posts", {"text": "{odd}"}),
    ("post", "/api/posts", {"text": "a", "in_reply_to": "{odd}"}),
    ("patch", "/api/posts/{post}", {"text": "{odd}"}),
    ("post", "/api/posts/{post}/comments", {"text": "{odd}"}),
    ("post", "/api/posts/{post}/report", {"rule": "{odd}"}),
    ("post", "/api/posts/{post}/report", {"rule": "other", "words": "{odd}"}),
    ("post", "/api/users/{bob}/messages", {"text": "{odd}"}),
    ("patch", "/api/profile", {"bio": "{odd}"}),
    ("patch", "/api/profile", {"display_name": "{odd}"}),
    ("post", "/api/lists", {"title": "{odd}"}),
    ("post", "/api/lists", {"title": "a", "replies": "{odd}"}),
    ("post", "/api/muted-words", {"text": "{odd}"}),
    ("post", "/api/muted-words", {"text": "a", "places": ["{odd}"]}),
    ("post", "/api/muted-words", {"text": "a", "act": "{odd}"}),
    ("post", "/api/invites", {"note": "{odd}"}),
    ("put", "/api/interests", {"topics": ["{odd}"]}),
    ("patch", "/api/settings", {"theme": "{odd}"}),
    ("patch", "/api/settings", {"notifications": {"{odd}": {}}}),
    ("patch", "/api/settings", {"notifications": {"like": {"from_whom": "{odd}"}}}),
    ("post", "/api/track", {"events": [{"id": "12345678", "post": "1", "kind": "{odd}"}]}),
    ("post", "/api/track", {"{odd}": 1}),
    ("delete", "/api/account", {"password": "{odd}"}),
]


def with_odd(body: Any, odd: str) -> Any:
    return json.loads(json.dumps(body).replace("{odd}", json.dumps(odd)[1:-1]))


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_the_api_refuses_many_combining_marks_and_lone_surrogates(
    alice: Member, bob: Member, never_normalized: None, method: str, path: str, body: Any
) -> None:
    path = path.format(post=make_post(alice).pk, bob=bob.pk)
    marks = sent(app(alice), method, path, with_odd(body, MARKS))
    assert (marks.status_code, marks.json()["error"]) == (422, "invalid"), marks.content
    half = sent(app(alice), method, path, with_odd(body, HALF))
    assert (half.status_code, half.json()["error"]) == (400, "parse_error"), half.content
    long = sent(app(alice), method, path, with_odd(body, "x" * 30_000))
    assert long.status_code == 422
    assert len(long.content) < 1000


@pytest.mark.parametrize("field", ["username", "email", "password", "anything"])
@pytest.mark.parametrize("door", ["auth/login", "auth/signup", "auth/password/request"])
def test_the_sign_in_api_refuses_them_too(never_normalized: None, door: str, field: str) -> None:
    assert sent(web(), "post", f"{SIGN_IN}/{door}", {field: MARKS}).status_code == 422
    assert sent(web(), "post", f"{SIGN_IN}/{door}", {field: HALF}).status_code == 400


@pytest.mark.parametrize("path", ["/search", "/api/search/posts", "/api/search/users", "/live/since", "/"])
def test_urls_with_them_are_refused_too(alice: Member, never_normalized: None, path: str) -> None:
    assert web(alice).get(path, {"q": MARKS}).status_code == 422
    assert web(alice).get(f"/tags/{'a' + chr(0x301) * 200}").status_code == 404
    assert app(alice).post(f"/api/tags/{'a' + chr(0x301) * 200}/follow").status_code == 404


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client that calls the WSGI application, as gunicorn does, instead of the test client's own handler."""
    from config.wsgi import application

    client: Any = Client()

    def request(**environ: Any) -> Any:
        said: list[Any] = []
        start: Any = lambda *given: said.extend(given)  # noqa: E731
        body = application(client._base_environ(**environ), start)
        return HttpResponse(b"".join(body), status=int(said[0].partition(" ")[0]))

    monkeypatch.setattr(client, "request", request)
    for signal in (request_started, request_finished):
        # These signals would close the connection, which is in the transaction of this test.
        monkeypatch.setattr(signal, "receivers", [])
        monkeypatch.setattr(signal, "sender_receivers_cache", signal.sender_receivers_cache.__class__())
    return client


@pytest.mark.parametrize(
    "charset", ["utf-7", "punycode", "unicode_escape", "latin-1", "bz2_codec", "nothing", '"', "utf-8*=x'y'z"]
)
def test_only_utf_8_is_accepted(alice: Member, production: Client, charset: str) -> None:
    """Other encodings can produce lone surrogates, decode slowly, or raise errors that nothing catches."""
    production.cookies = web(alice).cookies
    for kind in (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "x/y",
    ):
        for path in ("/posts", "/api/posts", f"{SIGN_IN}/auth/login"):
            kind_of_charset: Any = {
                "CONTENT_TYPE": f"{kind}; charset={charset}".replace("charset=utf-8*", "charset*")
            }
            answer = production.generic("POST", f"{path}?q=%2B2AA-", b"text=%2B2AA-", **kind_of_charset)
            assert answer.status_code == 400, (kind, path)
    text = f"text/plain; charset={charset}"
    assert production.generic("GET", "/api/rules?q=%2B2AA-", CONTENT_TYPE=text).status_code in (200, 400)


def test_an_imported_list_may_have_another_encoding(alice: Member) -> None:
    answer = app(alice).post("/api/data/follows.csv", "bob\n", content_type="text/csv; charset=latin-1")
    assert answer.status_code == 202


def test_a_username_is_suggested_for_a_name_with_thousands_of_marks(alice: Member) -> None:
    """Names from other sources, such as social sign-in, aren't refused, but must not take long."""
    from accounts.queries import free_username

    assert free_username(MARKS) == "member_a"


# --- JSON ----------------------------------------------------------------------------------------------------

MANY = [
    ("post", "/api/track", {"events": [{}] * 100}),
    ("post", "/api/track", {"events": [{}] * 10_000}),
    ("post", "/api/muted-words", {"text": "x", "places": ["1"] * 10_000}),
    ("patch", "/api/settings", {"notifications": {str(n): 1 for n in range(10_000)}}),
    ("put", "/api/interests", {"topics": [{}] * 1_500}),
]


@pytest.mark.parametrize(("method", "path", "body"), MANY)
def test_a_long_list_is_refused_with_the_first_few_errors(
    alice: Member, method: str, path: str, body: Any
) -> None:
    answer = sent(web(alice), method, path, body)
    assert answer.status_code in (400, 422)
    assert len(answer.content) < 5_000


def test_as_many_events_as_the_page_sends_are_accepted(alice: Member) -> None:
    post = str(make_post(alice).pk)
    events = [{"id": f"event-{n:08}", "post": post, "kind": "view", "position": n} for n in range(100)]
    assert sent(app(alice), "post", "/api/track", {"events": events}).status_code == 202
    more = sent(app(alice), "post", "/api/track", {"events": [*events, events[0]]})
    assert (more.status_code, list(more.json()["fields"])) == (422, ["events"])


# --- Bodies --------------------------------------------------------------------------------------------------


class Unread:
    """A body that counts how much of it is read."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        self.read_bytes += max(size, 1)
        return b""

    readline = read


def announced(client: Client, path: str, length: int, kind: str, **more: Any) -> tuple[Any, Unread]:
    """Send a request that announces a body of that length, and return the response and the body."""
    body = Unread()
    environ: Any = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind, "wsgi.input": body, **more}
    answer = client.generic("POST", path, b"", content_type=kind, **environ)
    return answer, body


FORM = "multipart/form-data; boundary=x"
PLAIN = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/settings/profile", FORM, 302),
        ("/posts", PLAIN, 302),
        ("/api/profile/avatar", FORM, 401),
        ("/api/posts", "application/json", 401),
        ("/accounts/login/", PLAIN, 413),
        ("/accounts/signup/", FORM, 413),
        (f"{SIGN_IN}/auth/login", "application/json", 413),
    ],
)
def test_a_large_body_from_a_visitor_is_refused_unread(path: str, kind: str, status: int) -> None:
    answer, body = announced(web(), path, 1_000_000, kind)
    if path.startswith("/accounts/"):
        assert answer.status_code in (302, 413)
    else:
        assert answer.status_code == status
    assert body.read_bytes == 0
    everything, body = announced(web(), path, 400_000_000, kind)
    assert everything.status_code in (302, 413)
    assert body.read_bytes == 0


@pytest.mark.parametrize(
    ("path", "kind", "length"),
    [
        ("/api/profile/avatar", FORM, 13_000_000),
        ("/api/posts", "application/json", 1_500_000),
        ("/api/data/follows.csv", "text/csv", 13_000_000),
        (f"{SIGN_IN}/auth/login", "application/json", 100_000),
    ],
)
def test_a_large_body_from_a_member_is_refused_by_its_length(
    alice: Member, path: str, kind: str, length: int
) -> None:
    answer, body = announced(web(alice), path, length, kind)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert body.read_bytes == 0


def test_a_token_allows_the_same_body_as_a_session(alice: Member) -> None:
    signed_in = sent(
        web(), "post", f"{SIGN_IN}/auth/login", {"username": "alice", "password": "correct horse"}
    )
    token = signed_in.json()["meta"]["access_token"]
    for header, status in ((f"Bearer {token}", 400), ("Bearer rubbish", 401), ("", 401)):
        answer, _ = announced(
            web(), "/api/posts", 500_000, "application/json", headers={"Authorization": header}
        )
        assert answer.status_code == status


def test_a_page_says_how_large_a_file_may_be(alice: Member) -> None:
    answer, _ = announced(web(alice), "/settings/profile", 400_000_000, FORM)
    assert answer.status_code == 302
    client = web(alice)
    announced(client, "/settings/profile", 400_000_000, FORM)
    assert "12 MB at most" in client.get("/settings/profile").content.decode()


def test_a_body_without_a_length_is_refused(alice: Member) -> None:
    answer = web(alice).post(
        "/api/posts", "{}", content_type="application/json", headers={"Transfer-Encoding": "chunked"}
    )
    assert (answer.status_code, answer.json()["error"]) == (411, "length_required")


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 400])
def test_an_odd_length_causes_no_500(alice: Member, length: str) -> None:
    answer = web(alice).generic(
        "POST", "/api/posts", b"", content_type="application/json", CONTENT_LENGTH=length
    )
    assert 400 <= answer.status_code < 500


class TestUnderUvicorn:
    """Under uvicorn, bodies are refused before Django would write them to a file."""

    @staticmethod
    async def answer(headers: dict[str, str], *, most: int = 10) -> tuple[int, int]:
        """Send a request and return the status and how many chunks of the body were read."""
        asked = 0
        said: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/posts",
            "raw_path": b"/api/posts",
            "query_string": b"",
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in {"host": "testserver", **headers}.items()
            ],
            "client": ("203.0.113.9", 1),
            "server": ("testserver", 80),
            "scheme": "http",
        }

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if any(
                message["type"] == "http.response.body" and not message.get("more_body") for message in said
            ):
                return {"type": "http.disconnect"}
            if asked == most:
                await asyncio.sleep(60)
            asked += 1
            return {"type": "http.request", "body": b" " * 60_000, "more_body": asked < most}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        from config.asgi import application

        await application(scope, receive, send)
        return said[0]["status"], asked

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"content-length": "400000000"}, 413),
            ({"content-length": "600000"}, 401),
            ({"content-length": "rubbish"}, 400),
            ({"transfer-encoding": "chunked"}, 411),
        ],
    )
    @pytest.mark.django_db(transaction=True)
    async def test_no_large_body_is_read_from_a_visitor(self, headers: dict[str, str], status: int) -> None:
        answered, asked = await self.answer({"content-type": "application/json", **headers})
        assert answered == status
        assert asked == 0

    @pytest.mark.django_db(transaction=True)
    async def test_no_body_is_accepted_while_the_user_is_unknown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(request: Any) -> bool:
            raise OperationalError("the database is away")

        monkeypatch.setattr(bodies, "_is_signed_in", away)
        headers = {"content-type": "application/json", "content-length": "600000"}
        assert await self.answer(headers) == (503, 0)

    @pytest.mark.django_db(transaction=True)
    async def test_a_member_may_send_a_larger_body(self) -> None:
        from asgiref.sync import sync_to_async

        @sync_to_async
        def cookie() -> str:
            client = web(make_member("zoe"))
            return client.cookies["sessionid"].value

        headers = {"content-type": "application/json", "cookie": f"sessionid={await cookie()}"}
        status, asked = await self.answer({**headers, "content-length": "600000"})
        assert (status, asked) == (403, 10), "read, and then refused for want of a CSRF token"
        status, asked = await self.answer({**headers, "content-length": "6000000"})
        assert (status, asked) == (413, 0)


def test_visitors_may_send_what_they_need() -> None:
    assert bodies.VISITOR_MAX > 3 * limits.JSON_ITEMS_MAX
