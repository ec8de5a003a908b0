"""An app with an access token, from sign-in to a post that another member reads."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import Member


class App:
    """A mobile client: no cookies, a bearer token, JSON."""

    def __init__(self, username: str) -> None:
        sent = {"username": username, "password": "correct horse"}
        answer = Client().post("/_allauth/app/v1/auth/login", sent, content_type="application/json")
        assert answer.status_code == 200, answer.content
        self.headers = {"Authorization": f"Bearer {answer.json()['meta']['access_token']}"}

    def ask(self, method: str, path: str, **data: Any) -> Any:
        client = Client(enforce_csrf_checks=True)
        call = getattr(client, method)
        if data:
            return call(path, data, content_type="application/json", headers=self.headers)
        return call(path, headers=self.headers)


def test_the_api_works_with_an_access_token(alice: Member, bob: Member, deliver: Callable[[], None]) -> None:
    ana, ben = App("alice"), App("bob")
    post = ana.ask("post", "/api/posts", text="Hello from my phone").json()
    deliver()
    assert ben.ask("post", f"/api/users/{alice.id}/follow").json()["following"] is True
    assert [item["id"] for item in ben.ask("get", "/api/timeline").json()["items"]] == [post["id"]]
    assert [item["id"] for item in ben.ask("get", "/api/feed").json()["items"]] == [post["id"]]
    assert ben.ask("post", f"/api/posts/{post['id']}/like").json()["liked"] is True
    assert ben.ask("post", f"/api/posts/{post['id']}/comments", text="And from mine").status_code == 201
    deliver()
    kinds = {row["kind"] for row in ana.ask("get", "/api/notifications").json()["items"]}
    assert kinds == {"follow", "like", "reply"}
    found = ana.ask("get", "/api/search/posts?q=phone").json()["items"]
    assert [item["id"] for item in found] == [post["id"]]


def test_a_page_session_without_its_csrf_token_changes_nothing(alice: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.post("/api/posts", {"text": "Forged"}, content_type="application/json")
    assert answer.status_code == 403
    assert set(answer.json()) == {"error", "message", "trace_id"}
    assert alice.posts.count() == 0
