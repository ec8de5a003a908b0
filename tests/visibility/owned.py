"""Makers of objects that belong to one member, one for each parameter of an `owned` route.

A new kind of owned object needs a function here, named after the parameter of its routes (`list_id` → `_list_id`), and
rows in the manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from tests.factories import make_member

MAKERS: dict[str, Callable[[Member], Any]] = {}


def maker(make: Callable[[Member], Any]) -> Callable[[Member], Any]:
    MAKERS[make.__name__.lstrip("_")] = make
    return make


class Belongings:
    """Objects of `owner`, created when first requested: `belongings["list_id"]`."""

    def __init__(self, owner: Member) -> None:
        self.owner = owner
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = MAKERS[name](self.owner)
        return self._made[name]


@maker
def _list_id(owner: Member) -> int:
    from social.actions.lists import add_to_list, create_list

    made = create_list(by=owner, title="People whom nobody knows to be listed")
    add_to_list(list_=made, member=make_member(), by=owner)
    return int(made.pk)


@maker
def _media_id(owner: Member) -> int:
    from media.models import Attachment

    ready = Attachment.State.READY
    return int(
        Attachment.objects.create(owner=owner, kind=Attachment.Kind.IMAGE, state=ready, alt="Unseen").pk
    )


@maker
def _upload_id(owner: Member) -> int:
    from media.models import Upload

    in_a_day = timezone.now() + timedelta(days=1)
    return int(Upload.objects.create(owner=owner, length=1000, expires_at=in_a_day).pk)


@maker
def _conversation_id(owner: Member) -> int:
    return _message(owner).conversation_id


@maker
def _message_id(owner: Member) -> int:
    return int(_message(owner).pk)


def _message(owner: Member) -> Any:
    """Return a message that the owner sent, as only those can be deleted."""
    from messaging.actions import send_message
    from messaging.models import Message

    found = Message.objects.filter(author=owner).first()
    return found or send_message(by=owner, to=make_member(), text="Between the two of us")


@maker
def _notification_id(owner: Member) -> int:
    from notifications.actions import notify
    from notifications.models import Notification, NotificationKind

    notify(member=owner, kind=NotificationKind.FOLLOW, by=make_member())
    return int(Notification.objects.filter(member=owner).latest("id").pk)


@maker
def _session(owner: Member) -> int:
    from allauth.usersessions.models import UserSession
    from django.test import Client

    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    key = client.session.session_key or ""
    # Some ways of signing in have created it already.
    session, _ = UserSession.objects.get_or_create(
        session_key=key, defaults={"user": owner, "ip": "192.0.2.1", "user_agent": "An app of theirs"}
    )
    return int(session.pk)


@maker
def _session_id(owner: Member) -> int:
    return _session(owner)


@maker
def _pk(owner: Member) -> int:
    """Create a passkey, as allauth stores it."""
    from allauth.mfa.models import Authenticator

    data = {"name": "Their key", "credential": {}}
    return int(Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data=data).pk)


@maker
def _word_id(owner: Member) -> int:
    from social.models import MutedWord

    return int(MutedWord.objects.create(member=owner, text="A word", folded="a word").pk)


@maker
def _invite_id(owner: Member) -> int:
    from accounts.models import Invite

    return int(Invite.objects.create(by=owner, code=f"code-of-{owner.pk}").pk)


@maker
def _export_id(owner: Member) -> int:
    from io import BytesIO

    from django.core.files.storage import storages

    from accounts.models import DataExport

    name = storages["private"].save("exports/of-somebody.zip", BytesIO(b"A copy"))
    return int(DataExport.objects.create(member=owner, state="ready", file=name, size=6).pk)


@maker
def _import_id(owner: Member) -> int:
    from accounts.models import DataImport, DataImportRow

    run = DataImport.objects.create(member=owner, kind="follows", total=1)
    DataImportRow.objects.create(data_import=run, number=1, given="somebody")
    return int(run.pk)


@maker
def _username(owner: Member) -> str:
    """Return another member whom the route names as well, such as one who is added to a list."""
    return make_member().username


@maker
def _user_id(owner: Member) -> int:
    return int(make_member().pk)


@maker
def _draft_id(owner: Member) -> int:
    from posts.actions import create_draft
    from posts.options import PostContent

    return int(create_draft(by=owner, posts=[PostContent(text="What nobody else reads yet")]).pk)
