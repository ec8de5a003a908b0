"""Create members of the running site, signed in, each with a post."""

import json
from dataclasses import dataclass

import httpx

from tests.services.site import Site

MAKE = """
import json
from django.test import Client
from tests.factories import make_member, make_post
from core.events import deliver_pending
people = {}
for name in %r:
    member = make_member(name, display_name=name.partition("_")[2].title() or name.title())
    post = make_post(member, "Hello from " + name)
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    people[name] = {"id": str(member.pk), "key": client.cookies["sessionid"].value, "post": str(post.pk)}
deliver_pending()
print(json.dumps(people))
"""
CSRF = "c" * 32


@dataclass
class Person:
    site: str
    name: str
    id: str
    key: str
    post: str

    @property
    def cookies(self) -> list[dict[str, str]]:
        return [{"name": "sessionid", "value": self.key, "url": self.site}]

    @property
    def cookie(self) -> str:
        return f"sessionid={self.key}; csrftoken={CSRF}"

    def act(self, path: str, **fields: str) -> None:
        """Send a POST as the member's browser would."""
        headers = {"Cookie": self.cookie, "X-CSRFToken": CSRF, "Origin": self.site, "HX-Request": "true"}
        answer = httpx.post(self.site + path, headers=headers, data=fields)
        assert answer.status_code < 400, answer.text


def people(site: Site, *names: str) -> list[Person]:
    made = json.loads(site.shell(MAKE % (names,)).strip().splitlines()[-1])
    return [Person(site.url, name, **made[name]) for name in names]
