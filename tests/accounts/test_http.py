"""The member who asks has a type at every entry point.

mypy reads `wrong_viewers_are_refused` with everything else (scripts/check). An `ignore` that it does not need is an
error, so it fails when a wrong viewer is accepted.
"""

from typing import assert_type

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.http import ApiView, signed_in, viewer_of
from accounts.models import Member
from core import consumers
from core.refusals import SignInNeeded
from messaging.models import Conversation, Message
from notifications.consumers import MemberStream
from notifications.models import Notification
from posts.consumers import PostStream
from posts.models import Post
from social.models import List


def request_of(user: Member | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_the_viewer_is_the_signed_in_member() -> None:
    member = Member(username="alice")
    assert viewer_of(request_of(member)) is member
    assert signed_in(request_of(member)) is member


def test_a_guest_is_no_viewer_and_must_sign_in() -> None:
    assert viewer_of(request_of(AnonymousUser())) is None
    with pytest.raises(SignInNeeded):
        signed_in(request_of(AnonymousUser()))


def viewers_have_a_type(request: HttpRequest, view: ApiView) -> None:
    assert_type(viewer_of(request), Member | None)
    assert_type(signed_in(request), Member)
    assert_type(view.viewer, Member | None)
    assert_type(view.member, Member)


def wrong_viewers_are_refused(request: HttpRequest, view: ApiView) -> None:
    Member.objects.visible_to(request.user)  # type: ignore[arg-type]
    Post.objects.visible_to(request.user)  # type: ignore[arg-type]
    Post.objects.visible_to(view.request.user)  # type: ignore[arg-type]
    Post.objects.filter(pk=1).visible_to(7)  # type: ignore[arg-type]
    List.objects.visible_to("alice")  # type: ignore[arg-type]
    Conversation.objects.visible_to(AnonymousUser())  # type: ignore[arg-type]
    Message.objects.visible_to(request)  # type: ignore[arg-type]
    Notification.objects.visible_to(request.user)  # type: ignore[arg-type]
    PostStream().catch_up(request.user, ["42"], None)  # type: ignore[arg-type]
    MemberStream().catch_up("alice", ["7"], None)  # type: ignore[arg-type]
    consumers.catch_up(request.user, ["post.42"], None)  # type: ignore[arg-type]
