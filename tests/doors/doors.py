"""Send the same action through a form, a fragment and the API, with one interface for all three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib.messages import get_messages
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Member
from posts.models import Post

DONE, SIGN_IN, FORBIDDEN, NOT_FOUND, INVALID = "done", "sign in", "forbidden", "not found", "invalid"
STATUS = {200: DONE, 201: DONE, 204: DONE, 401: SIGN_IN, 403: FORBIDDEN, 404: NOT_FOUND, 422: INVALID}


@dataclass
class Answer:
    outcome: str
    said: str
    """The text of the response, which contains the sentence of a refusal."""


class Door:
    name: ClassVar[str]

    def __init__(self, member: Member | None) -> None:
        self.member = member

    def like(self, post: Post) -> Answer:
        return self.send(f"/posts/{post.id}/like")

    def unlike(self, post: Post) -> Answer:
        return self.send(f"/posts/{post.id}/unlike")

    def repost(self, post: Post) -> Answer:
        return self.send(f"/posts/{post.id}/repost")

    def undo_repost(self, post: Post) -> Answer:
        return self.send(f"/posts/{post.id}/undo-repost")

    def bookmark(self, post: Post) -> Answer:
        return self.send(f"/posts/{post.id}/bookmark")

    def vote(self, post: Post, choice: int = 0) -> Answer:
        return self.send(f"/posts/{post.id}/vote", choices=choice)

    def follow(self, member: Member) -> Answer:
        return self.send(f"/@{member.username}/follow")

    def unfollow(self, member: Member) -> Answer:
        return self.send(f"/@{member.username}/unfollow")

    def write(self, text: str, *, in_reply_to: Post | None = None, key: str = "") -> Answer:
        fields = {"text": text, "idempotency_key": key}
        return self.send("/posts", **fields, **({"in_reply_to": in_reply_to.id} if in_reply_to else {}))

    def edit(self, post: Post, text: str) -> Answer:
        return self.send(f"/posts/{post.id}/edit", text=text)

    def delete(self, post: Post) -> Answer:
        return self.send(f"/posts/{post.id}/delete")

    def send(self, path: str, **fields: Any) -> Answer:
        raise NotImplementedError

    def client(self) -> Client:
        client = Client(raise_request_exception=False)
        if self.member is not None:
            client.force_login(self.member, backend="django.contrib.auth.backends.ModelBackend")
        return client


class PlainForm(Door):
    """A form sent without JavaScript: it redirects to a page that shows the result."""

    name = "form"

    def send(self, path: str, **fields: Any) -> Answer:
        answer = self.client().post(path, fields)
        if answer.status_code != 302:
            return Answer(STATUS[answer.status_code], answer.content.decode())
        if urlsplit(answer["Location"]).path == "/accounts/login/":
            return Answer(SIGN_IN, "")
        refusals = [message for message in get_messages(answer.wsgi_request) if message.level_tag == "error"]
        said = " ".join(message.message for message in refusals)
        return Answer(INVALID if refusals else DONE, said)


class Fragment(Door):
    """The same form sent by HTMX: the response is a fragment."""

    name = "fragment"

    def send(self, path: str, **fields: Any) -> Answer:
        answer = self.client().post(path, fields, headers={"HX-Request": "true"})
        said = answer.content.decode()
        assert "<html" not in said, "a fragment is never a page"
        return Answer(STATUS[answer.status_code], said)


class Rest(Door):
    """The REST API, as an app uses it."""

    name = "rest"

    def like(self, post: Post) -> Answer:
        return self._send("post", f"posts/{post.id}/like")

    def unlike(self, post: Post) -> Answer:
        return self._send("delete", f"posts/{post.id}/like")

    def repost(self, post: Post) -> Answer:
        return self._send("post", f"posts/{post.id}/repost")

    def undo_repost(self, post: Post) -> Answer:
        return self._send("delete", f"posts/{post.id}/repost")

    def bookmark(self, post: Post) -> Answer:
        return self._send("post", f"posts/{post.id}/bookmark")

    def vote(self, post: Post, choice: int = 0) -> Answer:
        return self._send("post", f"posts/{post.id}/vote", {"choices": [choice]})

    def follow(self, member: Member) -> Answer:
        return self._send("post", f"users/{member.id}/follow")

    def unfollow(self, member: Member) -> Answer:
        return self._send("delete", f"users/{member.id}/follow")

    def write(self, text: str, *, in_reply_to: Post | None = None, key: str = "") -> Answer:
        parent = {"in_reply_to": str(in_reply_to.id)} if in_reply_to else {}
        headers = {"Idempotency-Key": key} if key else None
        return self._send("post", "posts", {"text": text, **parent}, headers)

    def edit(self, post: Post, text: str) -> Answer:
        return self._send("patch", f"posts/{post.id}", {"text": text})

    def delete(self, post: Post) -> Answer:
        return self._send("delete", f"posts/{post.id}")

    def _send(self, method: str, path: str, data: Any = None, headers: Any = None) -> Answer:
        api = APIClient(raise_request_exception=False)
        if self.member is not None:
            api.force_authenticate(self.member)
        answer = getattr(api, method)(f"/api/{path}", data, format="json", headers=headers)
        return Answer(STATUS[answer.status_code], answer.content.decode())


DOORS: list[type[Door]] = [PlainForm, Fragment, Rest]
