"""Request every route with every method, as every role, and with odd values in every parameter: none causes an error.

Everything runs in one process, and each request is rolled back. The names that a route reads from a query string or
form are found by recording them. All cases together would take an hour, so each run draws a random sample:
`KITH_SWEEP_SEED=… pytest tests/security/test_sweep.py` repeats the sample of a failure, and `KITH_SWEEP=1` runs all.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from accounts.models import Member
from tests.factories import make_member, make_post
from tests.visibility.owned import MAKERS, Belongings
from tests.visibility.routes import views
from tests.visibility.world import BACKEND, QuickClient

pytestmark = pytest.mark.django_db

ELSEWHERE = ("accounts/google/", "accounts/github/", "accounts/oidc/")
"""Social sign-in, which tests/accounts/test_elsewhere.py tests."""
ALL = bool(os.environ.get("KITH_SWEEP"))
SEED = int(os.environ.get("KITH_SWEEP_SEED") or random.randrange(10**6))
ROLES = ("guest", "member", "moderator", "root")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
FORM, MULTIPART, JSON = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
)

# --- Odd values ----------------------------------------------------------------------------------------------

MARKS = "a" + "\u0301\u0316" * 100
TEXTS = [
    "", " ", "0", "-1", "1e400", "-100000000000000", str(2**31), str(2**63 - 1), str(2**63), "9" * 40, "9" * 5000,
    "\x00", "a\x00b", "🦊", "\u202e", "%", "_", "'\"<>", "../../etc/passwd", "a" * 300, "a" * 25_000, MARKS, "٣",
    "null", "true", "[]", "{}", "[" * 3000, "2026-13-45", "9999-12-31T23:59:59Z", "0001-01-01", "//x.example",
    "WzFlMzAwLDJd", "(" * 200, "@", "#", "from:", "\ud800",
]  # fmt: skip
NUMBERS = [0, -1, -(10**14), 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.5, -0.0, 1e300]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], [None], {"a": 1}, {"": ""}, [{}] * 20, ["1"] * 300]
IN_JSON = [*TEXTS, *NUMBERS, *OTHERS, [str(2**63)], [2**63]]
RAW = [
    b"", b"{", b"[]", b"null", b'"x"', b"1", b"\xff", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":1e999}', b"[" * 50_000,
    b'{"\\ud800":1}', b'{"a":"\\ud800"}', b'{"a":' * 1000, b'{"":{}}', b"{" + b'"a":1,' * 5000 + b'"a":1}', b"\x00",
]  # fmt: skip
IDS = [
    "0",
    "1",
    str(2**63 - 1),
    "9" * 19,
    str(2**63),
    "9" * 40,
    "-1",
    "a",
    "%00",
    "%F0%9F%A6%8A",
    "1.5",
    "_5F",
]
NAMES = [
    "a%00b", "%F0%9F%A6%8A", "%ED%A0%80", "%FF", "a" * 300, quote(MARKS), "..", "%2E%2E%2F", "-", "0", "%25", "＠",
    "a;b",
]  # fmt: skip
LONG = "a" * 5000
HEADERS = {
    "Accept": ["", "x", "*/*;q=x", "text/html", "application/json; version=99", "a/b; version=\x00", LONG],
    "Accept-Language": ["", "xx", "de;q=x", LONG, "\xff", ",".join(["de"] * 1000)],
    "Authorization": [
        "",
        "Bearer",
        "Bearer \xff",
        "Bearer a.b.c",
        "Bearer " + "a." * 500,
        "Basic !!!",
        "x y z",
    ],
    "Content-Type": [
        "",
        "x",
        "x/y",
        "application/json; charset=x",
        "multipart/form-data",
        f"{FORM}; boundary=\xff",
    ],
    "Cookie": [
        "",
        "sessionid=\xff",
        f"sessionid={LONG}",
        "csrftoken=\x00",
        "language=xx",
        f"language={LONG}",
        "=;=;",
    ],
    "HX-Request": ["true"],
    "HX-Current-URL": ["http://[", "//", "\xff", "http://testserver\\@x", LONG],
    "Host": ["", "x", "testserver:99999", "[::1", "a" * 300, "\xff", "testserver\x00"],
    "Idempotency-Key": ["", "a" * 300, "\x00", "\xff", "🦊".encode().decode("latin-1")],
    "If-Modified-Since": ["x", "Mon, 99 Foo 99999 99:99:99 GMT"],
    "If-None-Match": ["x", '"' * 100],
    "Range": ["bytes=9-1", "bytes=" + "9" * 100 + "-", "x"],
    "Referer": ["http://[", "\xff", "javascript:x", "http://testserver//x"],
    "Traceparent": ["", "x", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "\xff" * 50],
    "User-Agent": ["", LONG, "\xff"],
    "X-CSRFToken": ["", "\xff", "a" * 64],
    "X-Forwarded-For": ["", "x", "1.2.3.4, " * 100, "::ffff:1.2.3.4%x", "\xff"],
    "X-Forwarded-Proto": ["x"],
    "X-Password-Reset-Key": ["-", "-1", "x", "1-" + LONG, "\xff"],
    "X-Email-Verification-Key": ["-", "x", "a:b:c", "\xff"],
    "X-Session-Token": ["", "x", "\xff", LONG],
}


# --- Requests ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    role: str
    method: str
    path: str
    body: bytes = b""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Sweep:
    """A client for each role, existing objects to request, and the errors found."""

    def __init__(self) -> None:
        self.draw = random.Random(SEED)
        self.requests = 0
        self.faults: list[str] = []
        self.alice, self.bob = make_member("alice"), make_member("bob")
        owned = Belongings(self.alice)
        self.things: dict[str, Any] = {name: owned[name] for name in MAKERS if name != "pk"}
        # An invalid passkey of another member, because its owner couldn't be asked to use it.
        self.things["pk"] = Belongings(make_member())["pk"]
        self.things |= {
            "post_id": make_post(self.bob, "Hello #tag @alice").pk, "user_id": self.bob.pk, "username": "bob",
            "name": "tag", "code": "x", "language": "de", "uidb36": "1", "key": "x-y", "app_label": "posts",
        }  # fmt: skip
        self.clients = {role: QuickClient(raise_request_exception=False) for role in ROLES}
        members = {
            "member": self.alice,
            "moderator": make_member("mod", is_moderator=True),
            "root": make_member("root", is_staff=True, is_superuser=True, is_moderator=True),
        }
        for role, member in members.items():
            self.clients[role].force_login(member, backend=BACKEND)
        # Django uses the first of two routes with the same path.
        routes = dict(reversed(list(views())))
        self.routes = {route: view for route, view in routes.items() if not route.startswith(ELSEWHERE)}
        self._fault: BaseException | None = None
        got_request_exception.connect(self._note)

    def _note(self, **given: Any) -> None:
        self._fault = sys.exc_info()[1]

    def ask_some(self, cases: list[Case], most: int) -> None:
        """Send a random sample of the requests, on PostgreSQL a third as many."""
        most = most if connection.vendor == "sqlite" else most // 3
        for case in cases if ALL else self.draw.sample(cases, min(most, len(cases))):
            self.ask(case)

    def ask(self, case: Case) -> None:
        """Send one request and roll back what it changes."""
        self.requests += 1
        self._fault = None
        environ: dict[str, Any] = {
            "HTTP_" + name.upper().replace("-", "_"): value for name, value in case.headers.items()
        }
        kind = environ.pop("HTTP_CONTENT_TYPE", case.kind)
        with transaction.atomic():
            answer: Any = self.clients[case.role].generic(
                case.method, case.path, case.body, content_type=kind, **environ
            )
            transaction.set_rollback(True)
        if answer.streaming:
            answer.close()
        # Health checks return 503 when a part is down.
        if answer.status_code >= 500 and not (answer.status_code == 503 and "/health/" in case.path):
            self.faults.append(f"{case!r:.400}: {self._fault!r:.200}")

    def path(self, route: str, **instead: str) -> str:
        """Return the URL of a route, with existing objects for all parameters that aren't given."""

        def value(match: re.Match[str]) -> str:
            name = match["name"] or match["group"]
            return instead.get(name) or quote(str(self._thing(route, name)), safe="")

        parameters = r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>(?:[^()]|\([^()]*\))*\)"
        return "/" + re.sub(parameters, value, route).replace("^", "").replace("$", "").replace("\\Z", "")

    def _thing(self, route: str, name: str) -> Any:
        found = re.match(r"admin/(\w+)/(\w+)/", route) if name == "object_id" else None
        for model in admin.site._registry if found else ():
            if found and (model._meta.app_label, model._meta.model_name) == found.groups():
                row = model._default_manager.first()
                return row.pk if row else 1
        return self.things.get(name, "x")

    def names_read(self, route: str, role: str, method: str) -> list[str]:
        """Return the names that the route reads from its query string (GET) or form (POST)."""
        # Every page accepts `next`. Names read from the query string would be refused in a form.
        body, within = (b"next=x", "next") if method == "POST" else (b"", None)
        with watched(within) as names:
            self.ask(Case(role, method, self.path(route), body, FORM))
        return sorted(names - {"csrfmiddlewaretoken"})


@contextmanager
def watched(within: str | None = None) -> Iterator[set[str]]:
    """Record the names read from query strings and forms; with `within`, only from those with a field of that name."""
    names: set[str] = set()
    plain = {name: getattr(MultiValueDict, name) for name in ("get", "__getitem__", "getlist")}

    def watch(method: str) -> Any:
        def asked(self: Any, key: Any, *given: Any, **named: Any) -> Any:
            if isinstance(self, QueryDict) and (within is None or within in self):
                names.add(str(key))
            return plain[method](self, key, *given, **named)

        return asked

    for method in plain:
        setattr(MultiValueDict, method, watch(method))
    try:
        yield names
    finally:
        for method, function in plain.items():
            setattr(MultiValueDict, method, function)


@pytest.fixture(scope="module")
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def sweep(db: None, settings: Any, _quiet: None) -> Iterator[Sweep]:
    settings.API_RATES = {"read": "1000000/day", "write": "1000000/day"}
    settings.ACCOUNT_RATE_LIMITS = False
    cache.clear()
    sweep = Sweep()
    yield sweep
    got_request_exception.disconnect(sweep._note)
    assert sweep.requests > 100
    assert not sweep.faults, f"seed {SEED}, {len(sweep.faults)} faults:\n" + "\n".join(sweep.faults[:25])


# --- Cases ---------------------------------------------------------------------------------------------------


def roles_of(route: str) -> tuple[str, ...]:
    """Return the roles to request a route as; only root can use the admin."""
    return ("root",) if route.startswith("admin/") else ROLES


def test_every_method_as_every_role_causes_no_error(sweep: Sweep) -> None:
    cases = [
        Case(role, method, sweep.path(route))
        for route in sweep.routes
        for role in roles_of(route)
        for method in METHODS
    ]
    sweep.ask_some(cases, 700)


def test_odd_urls_cause_no_error(sweep: Sweep) -> None:
    cases = []
    for route in sweep.routes:
        for name in re.findall(r"<(?:\w+:)?(\w+)>", route):
            for value in IDS if name.endswith(("_id", "pk")) else NAMES:
                path = sweep.path(route, **{name: value})
                cases += [Case(role, "GET", path) for role in roles_of(route)]
                if not route.startswith("admin/"):
                    cases += [
                        Case("member", method, path, b"{}", JSON) for method in ("POST", "PATCH", "DELETE")
                    ]
    sweep.ask_some(cases, 700)


def test_odd_queries_cause_no_error(sweep: Sweep) -> None:
    cases = []
    for route in sweep.routes:
        role = sweep.draw.choice(roles_of(route)[-3:])
        for name in sweep.names_read(route, role, "GET"):
            for value in TEXTS:
                path = f"{sweep.path(route)}?{urlencode({name: value}, errors='replace')}"
                cases += [Case(role, "GET", path), Case("guest", "GET", path)]
    sweep.ask_some(cases, 700)


def test_odd_queries_in_the_admin_cause_no_error(sweep: Sweep) -> None:
    cases = []
    request: Any = type("Request", (), {"GET": {}, "user": Member.objects.get(username="root")})()
    for model, shown in admin.site._registry.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        names = [
            "q",
            "o",
            "p",
            "all",
            "_changelist_filters",
            "pk",
            "id",
            "id__exact",
            "pk__in",
            "state",
            "_to_field",
        ]
        names += [entry for entry in shown.list_filter if isinstance(entry, str)]
        for value in TEXTS:
            queries = [urlencode({name: value}, errors="replace") for name in names]
            cases += [Case("root", "GET", f"{path}?{query}") for query in queries]
        for action in shown.get_actions(request):
            for value in IDS:
                form = urlencode({"action": action, "_selected_action": value, "index": 0})
                cases.append(Case("root", "POST", path, form.encode(), FORM))
    sweep.ask_some(cases, 400)


def test_odd_forms_cause_no_error(sweep: Sweep) -> None:
    cases = []
    for route in sweep.routes:
        if route.startswith(("api/", "_allauth/")):
            continue
        path = sweep.path(route)
        role = "root" if route.startswith("admin/") else "member"
        names = sweep.names_read(route, role, "POST")
        for value in TEXTS if names else ():
            for fields in (*({name: value} for name in names), dict.fromkeys(names, value)):
                form = urlencode(fields, errors="replace").encode()
                cases += [Case(role, "POST", path, form, FORM), Case("guest", "POST", path, form, FORM)]
                cases.append(Case(role, "POST", path, multipart(fields), MULTIPART))
    sweep.ask_some(cases, 800)


def multipart(fields: dict[str, str]) -> bytes:
    head = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = [head.format(name, value) for name, value in fields.items()]
    return ("".join(parts) + "--x--\r\n").encode(errors="replace")


def test_odd_json_causes_no_error(sweep: Sweep) -> None:
    cases = []
    for route, view in sweep.routes.items():
        if not route.startswith(("api/", "_allauth/")):
            continue
        path = sweep.path(route)
        kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            if not hasattr(kind, method.lower()):
                continue
            body = taken(view, method)
            odd = [with_value(body, at, value) for at in places(body) for value in IN_JSON]
            for role in ("member", "moderator"):
                cases += [
                    Case(role, method, path, json.dumps(given).encode(), JSON) for given in (body, *odd)
                ]
            for raw in RAW:
                cases += [Case(role, method, path, raw, JSON) for role in ROLES]
                cases += [
                    Case("member", method, path, raw, kind) for kind in (FORM, MULTIPART, "text/csv", "x", "")
                ]
    sweep.ask_some(cases, 2000)


def taken(view: Any, method: str) -> dict[str, Any]:
    """Return a body for a method of the API or of sign-in, with a value for each field."""
    if not hasattr(view, "cls"):
        form = view.view_class.input_class
        form = form.get(method) if isinstance(form, dict) else form
        return dict.fromkeys(getattr(form, "base_fields", ()), "x")
    schema = getattr(getattr(view.cls, method.lower()), "kwargs", {}).get("schema")
    cells = (schema.get_request_serializer.__closure__ or ()) if schema else ()
    for kind in [cell.cell_contents for cell in cells]:
        if isinstance(kind, type) and issubclass(kind, serializers.Serializer):
            return _example(kind())
    return {}


def _example(serializer: Any) -> dict[str, Any]:
    return {name: _value(inner) for name, inner in serializer.fields.items()}


def _value(of: Any) -> Any:
    match of:
        case serializers.ListSerializer() | serializers.ListField():
            return [_value(of.child)]
        case serializers.DictField():
            return {"like": _value(of.child)}
        case serializers.Serializer():
            return _example(of)
        case serializers.ChoiceField():
            return next(iter(of.choices))
        case serializers.BooleanField():
            return True
        case serializers.IntegerField():
            return 60
    return "1"


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to each value in a body."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in pairs:
        yield (*at, key)
        yield from places(value, (*at, key))


def with_value(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(body))
    place = copy
    for key in at[:-1]:
        place = place[key]
    place[at[-1]] = value
    return copy


def test_odd_headers_cause_no_error(sweep: Sweep) -> None:
    cases = []
    for name, values in HEADERS.items():
        for value in values:
            header = {name: value}
            for route in sweep.routes:
                role = sweep.draw.choice(roles_of(route))
                cases += [
                    Case(role, method, sweep.path(route), b"", FORM, header) for method in ("GET", "POST")
                ]
            if name == "Idempotency-Key":
                for path in ("/api/posts", f"/api/users/{sweep.bob.pk}/messages"):
                    sweep.ask(Case("member", "POST", path, b'{"text": "x"}', JSON, header))
            if name.endswith("-Key"):
                for path in ("auth/password/reset", "auth/email/verify"):
                    sweep.ask(Case("guest", "GET", f"/_allauth/app/v1/{path}", headers=header))
    sweep.ask_some(cases, 400)
