"""Deleting an account: it is closed, can be restored for thirty days, and is then erased everywhere."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.actions import (
    deactivate_member,
    erase_member,
    erase_now,
    ghost,
    reactivate_member,
    request_deletion,
    restore_account,
)
from accounts.former_names import name_digest
from accounts.models import DataExport, DataImport, DataImportRow, Interest, Invite, Member
from accounts.tasks import erase_due_members
from core.mail import queue_mail
from core.models import OutboxEvent
from core.refusals import Invalid, NotFound
from feed.actions.tracking import TrackedEvent, track
from media.actions import change_avatar, change_cover
from messaging.actions import send_message
from messaging.models import Conversation, Message
from moderation.actions import decide_post, report_post
from moderation.models import Decision, Report
from notifications.models import Notification
from posts.actions import bookmark_post, delete_post, edit_post, like_post, write_post
from posts.models import Post, Tag, TagFollow, ThreadMute
from search.actions import index_members
from search.tasks import delete_unused_terms
from social.actions import block_member, follow_member, set_private
from social.models import Dismissal, FollowRequest, List, ListEntry, Mute, MutedWord
from tests.accounts.conftest import PASSWORD, sign_in
from tests.factories import make_member, make_post

Deliver = Callable[[], None]


@pytest.fixture
def client_of() -> Callable[..., Client]:
    def make(username: str = "alice") -> Client:
        client = Client()
        assert sign_in(client, username).status_code == 302
        return client

    return make


def ask(client: Client, username: str = "alice", password: str = PASSWORD) -> Any:
    return client.post("/settings/delete", {"username": username, "password": password})


def let_the_days_pass(member: Member, days: float = 0) -> None:
    past = timezone.now() - timedelta(days=days or settings.ACCOUNT_GRACE_DAYS, seconds=1)
    Member.objects.filter(pk=member.pk).update(deletion_requested_at=past)


def erase(member: Member) -> None:
    if member.is_active:
        request_deletion(member=member, by=member)
    let_the_days_pass(member)
    assert erase_member(member_id=member.pk)


# --- Requesting --------------------------------------------------------------------------------------------


def test_deleting_an_account_closes_it_and_ends_all_sessions(
    alice: Member, client_of: Callable[..., Client]
) -> None:
    here, elsewhere = client_of(), client_of()
    post = make_post(alice, "Hello from zzalice")
    answer = ask(here)
    assert answer.headers["Location"] == "/goodbye"
    assert b"closed" in here.get("/goodbye").content
    for client in (here, elsewhere):
        assert client.get("/settings").status_code in (302, 401)
    assert Client().get("/@alice").status_code == 404
    assert Client().get(f"/posts/{post.id}").status_code == 404
    assert Client().get(f"/api/posts/{post.id}").status_code == 404
    assert Client().get("/api/search/posts?q=zzalice").json()["items"] == []
    assert Client().get("/api/search/users?q=alice").json()["items"] == []
    alice.refresh_from_db()
    assert alice.deletion_requested_at is not None
    assert not alice.is_active


def test_the_page_explains_what_happens_and_when(alice: Member, client_of: Callable[..., Client]) -> None:
    client = client_of()
    page = client.get("/settings/delete").content.decode()
    assert "For 30 days" in page
    assert "@alice" in page
    page = client.get("/settings/delete", headers={"accept-language": "de"}).content.decode()
    assert "30 Tage lang" in page
    assert "@alice löschen" in page
    answer = client.post("/settings/delete", {"username": "bob"}, headers={"accept-language": "de"})
    assert "Das ist nicht dein Benutzername. Er lautet alice." in answer.content.decode()


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [
        ("alice", "wrong", "Wrong password."),
        ("bob", PASSWORD, "That’s not your username"),
        ("", PASSWORD, "required"),
    ],
)
def test_deleting_needs_the_username_and_the_password(
    alice: Member, client_of: Callable[..., Client], username: str, password: str, sentence: str
) -> None:
    answer = ask(client_of(), username, password)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    alice.refresh_from_db()
    assert alice.is_active


def test_password_guesses_are_limited_here_too(alice: Member, client_of: Callable[..., Client]) -> None:
    client = client_of()
    answers = [ask(client, password=f"guess {n}").status_code for n in range(7)]
    assert answers == [422] * 5 + [429] * 2
    assert ask(client).status_code == 429


def test_a_visitor_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/settings/delete").status_code in (302, 401)
    assert client.post("/settings/delete").status_code in (302, 401)


def test_without_a_password_a_passkey_is_required(alice: Member, client_of: Callable[..., Client]) -> None:
    client = client_of()
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 10_000
    session.save()
    alice.set_unusable_password()
    alice.save()
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    session.update({"_auth_user_hash": alice.get_session_auth_hash()})
    session.save()
    answer = client.post("/settings/delete", {"username": "alice"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    alice.refresh_from_db()
    assert alice.is_active


def test_social_sign_in_must_be_recent(alice: Member, client_of: Callable[..., Client]) -> None:
    client = client_of()
    alice.set_unusable_password()
    alice.save()
    session = client.session
    session["_auth_user_hash"] = alice.get_session_auth_hash()
    session["account_authentication_methods"][-1]["at"] -= 10_000
    session.save()
    assert client.post("/settings/delete", {"username": "alice"}).status_code == 403
    session = client.session
    session["account_authentication_methods"][-1]["at"] += 10_000
    session.save()
    assert client.post("/settings/delete", {"username": "alice"}).headers["Location"] == "/goodbye"


def test_an_email_says_when_and_how_to_restore(
    alice: Member, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        request_deletion(member=alice, by=alice)
        assert not request_deletion(member=alice, by=alice)
    assert [m.to for m in mail.outbox] == [["alice@example.com"]]
    assert alice.deletion_requested_at is not None
    day = alice.deletion_requested_at + timedelta(days=30)
    body = str(mail.outbox[0].body)
    assert f"{day.day} {day:%B %Y}" in body
    assert "/accounts/login/" in body


def test_the_last_admin_cannot_delete_their_account(db: None) -> None:
    root = Member.objects.create_superuser("root", "root@example.com", PASSWORD)
    with pytest.raises(Invalid):
        request_deletion(member=root, by=root)
    make_member("second", is_superuser=True)
    assert request_deletion(member=root, by=root)


def test_requesting_deletion_is_idempotent(alice: Member) -> None:
    assert request_deletion(member=alice, by=alice)
    first = Member.objects.get(pk=alice.pk).deletion_requested_at
    assert not request_deletion(member=alice, by=alice)
    assert Member.objects.get(pk=alice.pk).deletion_requested_at == first


# --- The API -----------------------------------------------------------------------------------------------


def test_an_app_deletes_the_account_with_the_password(
    alice: Member, client_of: Callable[..., Client]
) -> None:
    client = client_of()

    def delete(password: str) -> Any:
        return client.delete("/api/account", {"password": password}, content_type="application/json")

    assert delete("wrong").status_code == 422
    answer = delete(PASSWORD)
    assert answer.status_code == 200
    assert answer.json()["erased_on"]
    assert client.get("/api/profile").status_code == 401
    assert Client().delete("/api/account").status_code == 401


# --- Restoring ---------------------------------------------------------------------------------------------


def test_signing_in_during_the_grace_period_offers_restoring(
    alice: Member, client_of: Callable[..., Client]
) -> None:
    post = make_post(alice, "Still here")
    ask(client_of())
    client = Client()
    answer = sign_in(client)
    assert answer.headers["Location"] == "/welcome-back"
    assert client.get("/api/profile").status_code == 401
    assert b"Keep your account?" in client.get("/welcome-back").content
    assert client.post("/welcome-back").headers["Location"] == "/accounts/login/"
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.deletion_requested_at is None
    assert client.get("/api/profile").status_code == 401
    assert sign_in(client).headers["Location"] == "/"
    assert Client().get(f"/posts/{post.id}", follow=True).status_code == 200


def test_restoring_requires_the_password(alice: Member, client_of: Callable[..., Client]) -> None:
    ask(client_of())
    client = Client()
    assert sign_in(client, password="wrong").status_code == 200
    for method in (client.get, client.post):
        assert method("/welcome-back").headers["Location"] == "/accounts/login/"
    assert not Member.objects.get(pk=alice.pk).is_active


def test_restoring_is_offered_for_fifteen_minutes(alice: Member, client_of: Callable[..., Client]) -> None:
    ask(client_of())
    client = Client()
    sign_in(client)
    session = client.session
    session["restorable_member"] = {
        **session["restorable_member"],
        "at": session["restorable_member"]["at"] - 1000,
    }
    session.save()
    assert client.post("/welcome-back").headers["Location"] == "/accounts/login/"
    assert not Member.objects.get(pk=alice.pk).is_active


def test_an_app_is_told_that_the_account_will_be_deleted(alice: Member) -> None:
    request_deletion(member=alice, by=alice)
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        json.dumps({"username": "alice", "password": PASSWORD}),
        content_type="application/json",
    )
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "account_leaving"


def test_a_suspended_account_cannot_be_restored(alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    client = Client()
    assert sign_in(client).headers["Location"] == "/accounts/inactive/"
    assert client.post("/welcome-back").headers["Location"] == "/accounts/login/"


def test_suspending_an_account_to_be_deleted_prevents_restoring_and_keeps_the_day(alice: Member) -> None:
    root = make_member("root", is_staff=True)
    request_deletion(member=alice, by=alice)
    sign_in(leaving := Client())
    assert deactivate_member(member=alice, by=root)
    assert not deactivate_member(member=alice, by=root)
    assert leaving.post("/welcome-back").headers["Location"] == "/accounts/login/"
    assert sign_in(Client()).headers["Location"] == "/accounts/inactive/"
    with pytest.raises(NotFound):
        restore_account(member=alice)
    assert not Member.objects.get(pk=alice.pk).is_active
    let_the_days_pass(alice)
    assert erase_member(member_id=alice.pk)
    assert not Member.objects.filter(pk=alice.pk).exists()


def test_a_reinstated_account_can_be_deleted_and_restored(alice: Member) -> None:
    root = make_member("root", is_staff=True)
    request_deletion(member=alice, by=alice)
    deactivate_member(member=alice, by=root)
    assert reactivate_member(member=alice, by=root)
    assert request_deletion(member=alice, by=alice)
    assert restore_account(member=alice)


@pytest.mark.parametrize("how", ["by its owner", "by staff", "for good"])
def test_closing_an_account_rechecks_open_pages(
    how: str, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr("core.streams.recheck_sockets_on", looked.append)
    root = make_member("root", is_staff=True)
    match how:
        case "by its owner":
            request_deletion(member=alice, by=alice)
        case "by staff":
            deactivate_member(member=alice, by=root)
        case "for good":
            erase_now(member=alice, by=root)
    assert looked == [alice.pk]


def test_restoring_is_impossible_after_the_grace_period(alice: Member) -> None:
    request_deletion(member=alice, by=alice)
    let_the_days_pass(alice)
    with pytest.raises(NotFound):
        restore_account(member=alice)


def test_nothing_is_erased_before_the_grace_period_ends(
    alice: Member, django_capture_on_commit_callbacks: Any
) -> None:
    request_deletion(member=alice, by=alice)
    let_the_days_pass(alice, days=settings.ACCOUNT_GRACE_DAYS - 1)
    with django_capture_on_commit_callbacks(execute=True):
        erase_due_members()
    assert erase_member(member_id=alice.pk)
    assert Member.objects.filter(pk=alice.pk).exists()


def test_an_open_account_is_never_erased(alice: Member) -> None:
    let_the_days_pass(alice)
    erase_member(member_id=alice.pk)
    assert Member.objects.filter(pk=alice.pk).exists()


def test_the_schedule_erases_accounts_after_the_grace_period(
    alice: Member, django_capture_on_commit_callbacks: Any
) -> None:
    request_deletion(member=alice, by=alice)
    let_the_days_pass(alice)
    with django_capture_on_commit_callbacks(execute=True):
        erase_due_members()
    assert not Member.objects.filter(pk=alice.pk).exists()
    erase_due_members()
    erase_member(member_id=alice.pk)


# --- Erasing -----------------------------------------------------------------------------------------------

NAME, HANDLE, MAIL = "Zzdisplay Zzname", "zzhandle", "zzmail@zzmail.example"
SECRET = "zzsecretword"


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (500, 500), "teal").save(out, "PNG")
    out.seek(0)
    return out


@pytest.fixture
def zz(db: None, deliver: Deliver, settings: Any, tmp_path: Any) -> Member:
    """Create a member with rows in every table."""
    settings.MEDIA_ROOT = tmp_path / "media"
    zz = make_member(HANDLE, display_name=NAME, bio=f"Bio {SECRET}", location=SECRET)
    Member.objects.filter(pk=zz.pk).update(email=MAIL)
    zz.refresh_from_db()
    bob, carol, mod = make_member("bob"), make_member("carol"), make_member("mod", is_moderator=True)
    staff = make_member("staff", is_staff=True)
    client = Client()
    sign_in(client, HANDLE)
    EmailAddress.objects.update_or_create(email=MAIL, defaults={"user": zz, "primary": True})
    SocialAccount.objects.create(user=zz, provider="github", uid=SECRET, extra_data={"login": SECRET})
    Authenticator.objects.create(user=zz, type=Authenticator.Type.TOTP, data={"secret": SECRET})
    queue_mail(mail.EmailMessage(SECRET, SECRET, to=[MAIL]))
    change_avatar(member=zz, file=picture(), by=zz)
    change_cover(member=zz, file=picture(), by=zz)
    alone = make_post(zz, f"Alone {SECRET} #{SECRET}tag #shared")
    answered = make_post(zz, f"Answered {SECRET}")
    edit_post(post=answered, by=zz, text=f"Answered anew {SECRET}")
    reply = make_post(bob, "An answer", in_reply_to=answered)
    own_reply = make_post(zz, f"To the answer {SECRET}", in_reply_to=reply)
    make_post(zz, f"To myself {SECRET}", in_reply_to=own_reply)
    gone = make_post(zz, f"{SECRET}gone")
    delete_post(post=gone, by=zz)
    write_post(by=zz, text=f"Waiting {SECRET}")
    bobs = make_post(bob, f"Hello @{HANDLE} #shared")
    edit_post(post=bobs, by=bob, text=f"Hello again @{HANDLE} #shared")
    for post in (bobs, reply):
        like_post(post=post, by=zz)
        bookmark_post(post=post, by=zz)
    for member in (bob, carol):
        like_post(post=alone, by=member)
        bookmark_post(post=answered, by=member)
        follow_member(member=zz, by=member)
        send_message(by=member, to=zz, text=f"To {SECRET}")
        send_message(by=zz, to=member, text=f"From {SECRET}")
    follow_member(member=bob, by=zz)
    set_private(by=carol, private=True)
    follow_member(member=carol, by=zz)
    set_private(by=carol, private=False)
    dora, eve = make_member("dora", is_private=True), make_member("eve")
    follow_member(member=dora, by=zz)
    FollowRequest.objects.get_or_create(requester=eve, member=zz)
    block_member(member=eve, by=zz)
    Mute.objects.create(muter=zz, muted=bob)
    Mute.objects.create(muter=bob, muted=zz)
    MutedWord.objects.create(member=zz, text=SECRET, folded=SECRET)
    mine = List.objects.create(owner=zz, title=SECRET)
    ListEntry.objects.create(list=mine, member=bob)
    ListEntry.objects.create(list=List.objects.create(owner=bob, title="Friends"), member=zz)
    Dismissal.objects.create(member=zz, dismissed=bob)
    Dismissal.objects.create(member=bob, dismissed=zz)
    TagFollow.objects.create(member=zz, tag=Tag.objects.get(name=f"{SECRET}tag"))
    ThreadMute.objects.create(member=zz, root=bobs)
    Interest.objects.create(member=zz, topic="music")
    Invite.objects.create(code=SECRET, by=zz, note=SECRET)
    report_post(post=bobs, by=zz, rule="other", comment=f"My words {SECRET}")
    report_post(post=alone, by=bob, rule="spam", comment="Look")
    decide_post(post_id=alone.id, by=mod, act="remove", rule="spam", reason=f"Because of @{HANDLE}")
    track(by=zz, events=[TrackedEvent(event_id=SECRET, post_id=bobs.id, kind="view")])
    track(by=bob, events=[TrackedEvent(event_id="1", post_id=answered.id, kind="view")])
    name = storages["private"].save("exports/of-zz.zip", io.BytesIO(SECRET.encode()))
    DataExport.objects.create(member=zz, state="ready", file=name)
    run = DataImport.objects.create(member=zz, kind="follows")
    DataImportRow.objects.create(data_import=run, number=1, given=SECRET)
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(Member),
        object_id=str(zz.pk),
        object_repr=str(zz),
        action_flag=CHANGE,
        change_message=f"Renamed {HANDLE}",
    )
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(Post),
        object_id=str(alone.pk),
        object_repr=str(alone),
        action_flag=CHANGE,
    )
    LogEntry.objects.create(user=zz, action_flag=CHANGE, object_repr="Something")
    client.post("/api/posts", {"text": f"Sent {SECRET}"}, headers={"Idempotency-Key": "1"})
    index_members(ids=[zz.pk])
    call_command("trends")
    deliver()
    zz.refresh_from_db()
    return zz


OTHERS_WORDS = {
    # Posts by others stay; a mention in them is no longer a link.
    ("posts_post", "text", HANDLE),
    ("posts_post", "html", HANDLE),
    ("posts_postrevision", "text", HANDLE),
    ("posts_postrevision", "html", HANDLE),
    ("search_postdocument", "words", HANDLE),
    ("search_postdocument", "vector", HANDLE),
    ("search_word", "word", HANDLE),
    # The full-text tables copy search_postdocument; without a query, each returns all of it.
    ("search_post_fts", "words", HANDLE),
    ("search_private_post_fts", "words", HANDLE),
    ("search_post_fts_content", "c0", HANDLE),
    ("search_post_fts_data", "block", HANDLE),
}


def found_in_the_database(*needles: str) -> set[tuple[str, str, str]]:
    """Return (table, column, needle) of every place in the database that contains one of these."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = [c.name for c in connection.introspection.get_table_description(cursor, table)]
            for column in columns:
                quoted = f"CAST({connection.ops.quote_name(column)} AS TEXT)"
                for needle in needles:
                    cursor.execute(
                        f"SELECT 1 FROM {connection.ops.quote_name(table)} WHERE LOWER({quoted}) LIKE %s LIMIT 1",
                        [f"%{needle.lower()}%"],
                    )
                    if cursor.fetchone():
                        found.add((table, column, needle))
    return found


def test_nothing_of_an_erased_member_is_left_in_any_table_or_storage(zz: Member) -> None:
    needles = (SECRET, "zzdisplay", HANDLE, "zzmail", str(zz.pk))
    before = found_in_the_database(*needles)
    tables = {table for table, _, _ in before}
    assert {
        "posts_post",
        "accounts_member",
        "messaging_message",
        "core_outboxevent",
        "core_queuedmail",
    } <= tables
    pictures = [str(zz.avatar.name), str(zz.cover.name)]
    assert all(default_storage.exists(name) for name in pictures)
    erase(zz)
    delete_unused_terms()
    assert found_in_the_database(*needles) - OTHERS_WORDS == set()
    assert not any(default_storage.exists(name) for name in pictures)
    assert not storages["private"].exists("exports/of-zz.zip")
    assert not any(SECRET in str(row) for row in Decision.objects.values())
    assert Decision.objects.filter(act="remove").count() == 1


def test_every_counter_is_right_after_erasing(zz: Member, capsys: pytest.CaptureFixture[str]) -> None:
    erase(zz)
    call_command("recount")
    assert "wrong" not in capsys.readouterr().out
    bob = Member.objects.get(username="bob")
    assert (bob.followers_count, bob.following_count) == (0, 0)
    assert Post.objects.filter(likes_count__gt=0).count() == 0
    assert Post.objects.filter(bookmarks_count__gt=0).count() == 0


def test_a_placeholder_keeps_the_thread_together(zz: Member) -> None:
    answered = Post.objects.get(author=zz, text=f"Answered anew {SECRET}")
    reply = Post.objects.get(text="An answer")
    erase(zz)
    answered.refresh_from_db()
    reply.refresh_from_db()
    assert (answered.state, answered.text, answered.author) == (Post.State.DELETED, "", ghost())
    assert reply.in_reply_to_id == reply.root_id == answered.id
    assert reply.replies_count == 0
    # Posts without replies are deleted.
    assert Post.objects.filter(author=ghost()).count() == 1
    page = Client().get(f"/@bob/{reply.id}").content.decode()
    assert "An answer" in page
    assert "Erased account" not in page
    assert Client().get(f"/posts/{answered.id}").status_code == 404
    assert Client().get("/@-").status_code == 404


def test_a_mention_of_an_erased_member_becomes_plain_text(zz: Member) -> None:
    erase(zz)
    post = Post.objects.get(text__startswith="Hello again")
    assert HANDLE in post.html
    assert f'href="/@{HANDLE}"' not in post.html
    assert f'href="/@{HANDLE}"' not in post.revisions.get().html


def test_conversations_are_deleted_for_both(zz: Member) -> None:
    bob = Member.objects.get(username="bob")
    erase(zz)
    assert Conversation.objects.count() == Message.objects.count() == 0
    client = Client()
    client.force_login(bob)
    assert client.get("/messages").status_code == 200


def test_reports_stay_without_the_reporter_and_the_comment(zz: Member) -> None:
    erase(zz)
    report = Report.objects.get(reporter=ghost())
    assert (report.rule, report.comment) == ("other", "")
    assert not Notification.objects.filter(actor_id=zz.pk).exists()


def test_the_username_is_reserved_permanently(zz: Member, settings: Any) -> None:
    erase(zz)
    answer = Client().post(
        "/accounts/signup/", {"email": "new@example.com", "username": HANDLE, "password1": "a long phrase 42"}
    )
    assert "That username is taken." in answer.content.decode()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8
    answer = Client().post(
        "/accounts/signup/", {"email": "new@example.com", "username": HANDLE, "password1": "a long phrase 42"}
    )
    assert "That username is taken." in answer.content.decode()
    assert HANDLE not in name_digest(HANDLE)


def test_erasing_is_idempotent(zz: Member) -> None:
    erase(zz)
    assert erase_member(member_id=zz.pk)
    assert Member.objects.filter(username="-").count() == 1


def test_an_erased_moderator_is_not_named_in_the_log(zz: Member) -> None:
    mod = Member.objects.get(username="mod")
    erase(mod)
    decision = Decision.objects.get(act="remove")
    assert (decision.by, decision.decided_by) == (None, "member:-")


def test_staff_can_erase_a_closed_or_open_account_at_once(alice: Member, bob: Member) -> None:
    root = make_member("root", is_staff=True)
    assert erase_now(member=alice, by=root)
    assert not erase_now(member=alice, by=root)
    assert erase_member(member_id=alice.pk)
    assert not Member.objects.filter(pk=alice.pk).exists()
    with pytest.raises(Invalid):
        erase_now(member=root, by=root)


def test_events_about_others_are_kept(alice: Member, bob: Member, carol: Member) -> None:
    follow_member(member=carol, by=bob)
    follow_member(member=carol, by=alice)
    erase(alice)
    assert OutboxEvent.objects.filter(name="social.MemberFollowed").count() == 1


def test_every_relation_to_a_member_cascades_or_is_erased_by_name() -> None:
    """A foreign key with PROTECT or DO_NOTHING would block the last step of erasing."""
    ways = {
        f"{field.model._meta.label}.{field.name}": field.remote_field.on_delete
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignKey) and field.related_model is Member
    }
    assert len(ways) > 30
    assert {name for name, way in ways.items() if way not in (models.CASCADE, models.SET_NULL)} == set()
