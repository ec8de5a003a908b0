"""Act as members through forms or the API, so that a 5xx fails the race."""

from typing import Any

from django.test import Client

from accounts.models import Member
from core.refusals import Conflict, Forbidden, NotFound, Refusal
from posts.models import Post

REFUSALS: dict[int, type[Refusal]] = {403: Forbidden, 404: NotFound, 409: Conflict}


class Visitor:
    """A signed-in member with their own browser or app."""

    def __init__(self, member: Member, *, api: bool) -> None:
        self.member, self.api = member, api
        self.client = Client(raise_request_exception=False)
        self.client.force_login(member)

    def like(self, post: Post, wanted: bool) -> bool:
        if self.api:
            return self._send("post" if wanted else "delete", f"/api/posts/{post.pk}/like")
        return self._send("post", f"/posts/{post.pk}/{'like' if wanted else 'unlike'}")

    def repost(self, post: Post, wanted: bool) -> bool:
        if self.api:
            return self._send("post" if wanted else "delete", f"/api/posts/{post.pk}/repost")
        return self._send("post", f"/posts/{post.pk}/{'repost' if wanted else 'undo-repost'}")

    def follow(self, member: Member, wanted: bool) -> bool:
        if self.api:
            return self._send("post" if wanted else "delete", f"/api/users/{member.pk}/follow")
        return self._send("post", f"/@{member.username}/{'follow' if wanted else 'unfollow'}")

    def _send(self, method: str, path: str) -> bool:
        send: Any = getattr(self.client, method)
        response = send(path)
        if refusal := REFUSALS.get(response.status_code):
            raise refusal
        if response.status_code >= 400:
            raise AssertionError(f"{method} {path} was answered with {response.status_code}")
        return True
