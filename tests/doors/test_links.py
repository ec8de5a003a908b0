"""Check that every link and form of every page leads to a route, for a visitor, a member and a moderator."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.models import Member
from tests.browser.community import MAKE

SITE = "http://testserver"
READ = {"href", "src", "hx-get", "data-src"}
SENT = {"action", "formaction", "hx-post", "hx-delete", "hx-put"}
# Signing out would end the crawl and is tested in tests/accounts; the admin is Django's own.
LEFT_OUT = ("/accounts/logout/", "/admin/")


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()
        self.sent: set[str] = set()

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = dict(given)
        for name, value in attributes.items():
            if not value or value.startswith(("#", "mailto:", "data:")):
                continue
            if name in READ or (name == "action" and attributes.get("method", "get").lower() == "get"):  # type: ignore[union-attr]
                self.read.add(value)
            elif name in SENT:
                self.sent.add(value)


def static_is_there(path: str) -> bool:
    return finders.find(path.removeprefix("/static/")) is not None


def crawl(client: Client, begin: str) -> tuple[dict[str, str], int]:
    """Return the broken links, each with a page that has it, and the number of pages opened."""
    wrong: dict[str, str] = {}
    seen: set[Any] = set()
    known, queue = {begin}, [(begin, "")]
    opened = 0
    while queue:
        address, linked_from = queue.pop(0)
        parts = urlsplit(address)
        if parts.path.startswith("/static/"):
            if not static_is_there(parts.path):
                wrong[address] = linked_from
            continue
        try:
            kind = (resolve(parts.path).route, tuple(sorted(name for name, _ in parse_qsl(parts.query))))
        except Resolver404:
            wrong[address] = linked_from
            continue
        # One page for each route and set of parameters is enough.
        if kind in seen:
            continue
        seen.add(kind)
        cache.clear()
        answer = client.get(address)
        opened += 1
        if answer.status_code >= 400:
            wrong[f"{address} ({answer.status_code})"] = linked_from
        if answer.status_code in (301, 302):
            found = {answer["Location"]}
        elif "text/html" in answer.get("Content-Type", ""):
            page = Links()
            page.feed(answer.content.decode())
            found = page.read
            for target in page.sent:
                path = urlsplit(urljoin(SITE + address, target)).path
                try:
                    resolve(path)
                except Resolver404:
                    wrong[f"{path} (a form)"] = address
        else:
            continue
        for target in found:
            whole = urlsplit(urljoin(SITE + address, target))
            inner = whole.path + (f"?{whole.query}" if whole.query else "")
            if (
                f"{whole.scheme}://{whole.netloc}" == SITE
                and inner not in known
                and not inner.startswith(LEFT_OUT)
            ):
                known.add(inner)
                queue.append((inner, address))
    return wrong, opened


def test_no_page_has_a_broken_link(db: None, settings: Any) -> None:
    settings.API_RATES = {"read": "100000/minute", "write": "100000/minute"}
    exec(compile(MAKE, "community", "exec"), {})
    for name in ("", "look_ana", "look_mod"):
        client = Client()
        if name:
            client.force_login(
                Member.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend"
            )
        wrong, opened = crawl(client, "/")
        assert wrong == {}, name
        assert opened > (40 if name else 15)
