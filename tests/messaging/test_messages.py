import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Member
from core.models import OutboxEvent
from core.refusals import Invalid, NotFound
from messaging.actions import MESSAGE_MAX, delete_message, mark_read, send_message
from messaging.models import Conversation, Message, Participation
from messaging.queries import inbox_of, unread_messages
from social.actions import block_member, mute_member, mute_word, unblock_member, unmute_member


def test_two_members_share_one_conversation_whoever_starts_it(alice: Member, bob: Member) -> None:
    first = send_message(by=alice, to=bob, text="Hello")
    second = send_message(by=bob, to=alice, text="Hello yourself")
    assert first.conversation_id == second.conversation_id
    [row] = inbox_of(alice).items
    assert (row.other, row.unread, row.last) == (bob, 1, second)
    assert unread_messages(bob) == 1


def test_opening_a_conversation_marks_it_as_read(alice: Member, bob: Member) -> None:
    message = send_message(by=alice, to=bob, text="Hello")
    assert mark_read(conversation=message.conversation, by=bob)
    assert not mark_read(conversation=message.conversation, by=bob)
    assert unread_messages(bob) == 0


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (MESSAGE_MAX + 1)])
def test_an_empty_or_too_long_message_is_refused(alice: Member, bob: Member, text: str) -> None:
    with pytest.raises(Invalid):
        send_message(by=alice, to=bob, text=text)
    assert not Conversation.objects.exists()


def test_you_cannot_message_yourself_or_a_closed_account(alice: Member, bob: Member) -> None:
    with pytest.raises(Invalid):
        send_message(by=alice, to=alice, text="Hello")
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(NotFound):
        send_message(by=alice, to=bob, text="Hello")


def test_the_same_idempotency_key_sends_once(alice: Member, bob: Member) -> None:
    one = send_message(by=alice, to=bob, text="Once", idempotency_key="k")
    again = send_message(by=alice, to=bob, text="Once", idempotency_key="k")
    assert one.pk == again.pk
    assert Message.objects.count() == 1
    assert unread_messages(bob) == 1


def test_a_deleted_message_is_hidden_from_both(alice: Member, bob: Member) -> None:
    kept = send_message(by=alice, to=bob, text="Kept")
    taken = send_message(by=alice, to=bob, text="Taken back")
    delete_message(message=taken, by=alice)
    [row] = inbox_of(bob).items
    assert row.last == kept


def test_a_conversation_is_hidden_from_others(alice: Member, bob: Member, carol: Member) -> None:
    message = send_message(by=alice, to=bob, text="Between us")
    client, app = Client(), APIClient()
    client.force_login(carol)
    app.force_authenticate(carol)
    real, never = message.conversation_id, 12345
    for path in ("/messages/{}", "/messages/{}/since"):
        answers = [client.get(path.format(number)) for number in (real, never)]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert client.post(f"/messages/{real}/{message.id}/delete").status_code == 404
    assert app.get(f"/api/conversations/{real}/messages").status_code == 404
    assert app.post(f"/api/conversations/{real}/read").status_code == 404
    assert app.delete(f"/api/conversations/{real}/messages/{message.id}").status_code == 404
    assert app.get("/api/conversations").json()["items"] == []
    assert "Between us" not in client.get("/messages").content.decode()
    assert Message.objects.count() == 1


def test_a_visitor_is_asked_to_sign_in(db: None) -> None:
    assert "login" in Client().get("/messages")["Location"]
    assert APIClient().get("/api/conversations").status_code == 401


def test_a_conversation_on_the_pages(client: Client, alice: Member, bob: Member) -> None:
    client.force_login(alice)
    assert "Say hello" in client.get("/messages/with/bob").content.decode()
    answer = client.post("/messages/with/bob", {"text": "Hello <b>Bob</b> https://example.com"})
    assert answer.status_code == 302
    page = client.get(answer["Location"].partition("#")[0]).content.decode()
    assert "Hello &lt;b&gt;Bob&lt;/b&gt;" in page
    assert 'href="https://example.com"' in page
    assert client.get("/messages/with/bob")["Location"] == answer["Location"].partition("#")[0]
    refused = client.post("/messages/with/bob", {"text": " "})
    assert refused.status_code == 422
    assert "Write something first." in refused.content.decode()
    assert client.get("/messages/with/alice").status_code == 404


def test_a_conversation_in_the_api(alice: Member, bob: Member) -> None:
    mine, theirs = APIClient(), APIClient()
    mine.force_authenticate(alice)
    theirs.force_authenticate(bob)
    sent: dict[str, Any] = mine.post(f"/api/users/{bob.id}/messages", {"text": "Hello"}, format="json").json()
    [row] = theirs.get("/api/conversations").json()["items"]
    assert (row["other"]["username"], row["unread"], row["last"]["text"]) == ("alice", 1, "Hello")
    [message] = theirs.get(f"/api/conversations/{row['id']}/messages").json()["items"]
    assert message["id"] == sent["id"]
    assert theirs.post(f"/api/conversations/{row['id']}/read").status_code == 204
    assert theirs.get("/api/conversations").json()["items"][0]["unread"] == 0
    assert theirs.delete(f"/api/conversations/{row['id']}/messages/{sent['id']}").status_code == 403


def test_both_members_get_a_live_message(alice: Member, bob: Member, told: Any) -> None:
    heard = told(lambda: send_message(by=alice, to=bob, text="Hello"))
    assert {(stream, fact["own"], fact["unread"]) for stream, fact in heard} == {
        (f"member.{alice.id}", True, 0),
        (f"member.{bob.id}", False, 1),
    }
    assert {fact["id"] for _, fact in heard} == {str(Message.objects.get().id)}
    assert not OutboxEvent.objects.exists(), "a hint that may be lost needs no outbox"


def test_a_conversation_in_german(client: Client, alice: Member, bob: Member) -> None:
    german = {"accept-language": "de"}
    Member.objects.filter(pk=bob.pk).update(may_write=Member.Writers.FOLLOWED)
    client.force_login(alice)
    assert "Nur Leute, denen Bob folgt" in client.get("/messages/with/bob", headers=german).content.decode()
    message = send_message(by=bob, to=alice, text="Hello 100 %")
    send_message(by=bob, to=alice, text="Hello %(text)s <b>")
    inbox = client.get("/messages", headers=german).content.decode()
    assert 'aria-label="2 ungelesen"' in inbox
    assert "Hello %(text)s &lt;b&gt;" in inbox
    send_message(by=alice, to=bob, text="Hello %(text)s <b>")
    assert "Du: Hello %(text)s &lt;b&gt;" in client.get("/messages", headers=german).content.decode()
    room = client.get(f"/messages/{message.conversation_id}", headers=german).content.decode()
    assert "Deine Nachricht an Bob" in room
    refused = client.post("/messages/with/bob", {"text": "x" * (MESSAGE_MAX + 1)}, headers=german)
    assert f"höchstens {MESSAGE_MAX} Zeichen haben. Diese hat {MESSAGE_MAX + 1}." in refused.content.decode()


@pytest.mark.parametrize("rows", [3, 15])
def test_the_inbox_has_a_fixed_number_of_queries(
    client: Client, alice: Member, django_assert_max_num_queries: Any, rows: int
) -> None:
    from tests.factories import make_member

    for _ in range(rows):
        send_message(by=make_member(), to=alice, text="Hello")
    client.force_login(alice)
    with django_assert_max_num_queries(8):
        assert client.get("/messages").content.decode().count('class="convo"') == rows


@pytest.mark.django_db(transaction=True)
def test_concurrent_first_messages_create_one_conversation(alice: Member, bob: Member) -> None:
    faults: list[Exception] = []

    def write(by: Member, to: Member) -> None:
        try:
            for _ in range(5):
                send_message(by=by, to=to, text="Me first")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=pair) for pair in [(alice, bob), (bob, alice)] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Conversation.objects.count() == 1
    assert Message.objects.count() == 30
    assert sorted(Participation.objects.values_list("unread", flat=True)) == [15, 15]


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_a_block_hides_the_conversation_until_unblocking(alice: Member, bob: Member, blocker: str) -> None:
    one, other = (alice, bob) if blocker == "alice" else (bob, alice)
    message = send_message(by=alice, to=bob, text="Between us")
    block_member(member=other, by=one)
    for member, partner in ((alice, bob), (bob, alice)):
        assert not Conversation.objects.visible_to(member).exists()
        assert not Message.objects.visible_to(member).exists()
        assert unread_messages(member) == 0
        client, app = Client(), APIClient()
        client.force_login(member)
        app.force_authenticate(member)
        assert client.get(f"/messages/{message.conversation_id}").status_code == 404
        assert "Between us" not in client.get("/messages").content.decode()
        assert app.get("/api/conversations").json()["items"] == []
        with pytest.raises(NotFound):
            send_message(by=member, to=partner, text="Still there?")
    unblock_member(member=other, by=one)
    for member in (alice, bob):
        assert Message.objects.visible_to(member).count() == 1
    assert unread_messages(bob) == 1
    send_message(by=bob, to=alice, text="Here again")


# --- Marking as read and deleting ----------------------------------------------------------------------------------


@pytest.fixture
def told(
    monkeypatch: pytest.MonkeyPatch, deliver: Callable[[], None], django_capture_on_commit_callbacks: Any
) -> Any:
    """Return a function that runs `act` and returns the live messages to members, as (stream, message)."""
    facts: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr("core.streams.broadcast", lambda stream, fact, **_: facts.append((stream, fact)))

    def listen(act: Callable[[], Any]) -> list[tuple[str, dict[str, Any]]]:
        deliver()
        facts.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        deliver()
        return [(stream, fact) for stream, fact in facts if stream.startswith("member.")]

    return listen


def unread_of(member: Member) -> tuple[int, int]:
    """Return the number of unread messages, from the badge and from the inbox."""
    return unread_messages(member), sum(row.unread for row in inbox_of(member).items)


def test_only_seen_messages_are_marked_as_read(alice: Member, bob: Member) -> None:
    sent = [send_message(by=alice, to=bob, text=f"number {n}") for n in range(3)]
    conversation = sent[0].conversation
    assert mark_read(conversation=conversation, by=bob, up_to=sent[1].id)
    assert unread_of(bob) == (1, 1)
    # An older id changes nothing, and a future id doesn’t mark later messages.
    assert not mark_read(conversation=conversation, by=bob, up_to=sent[0].id)
    assert mark_read(conversation=conversation, by=bob, up_to=2**62)
    assert unread_of(bob) == (0, 0)
    send_message(by=alice, to=bob, text="one more")
    assert unread_of(bob) == (1, 1)


def test_opening_a_page_marks_nothing_as_read_until_it_is_visible(
    client: Client, alice: Member, bob: Member
) -> None:
    message = send_message(by=alice, to=bob, text="Hello")
    client.force_login(bob)
    room = f"/messages/{message.conversation_id}"
    page = client.get(room).content.decode()
    client.get(f"{room}/since?after=0")
    assert unread_of(bob) == (1, 1)
    assert client.post(f"{room}/read", {"up_to": str(message.id)}).status_code == 204
    assert unread_of(bob) == (0, 0)
    assert client.post(f"{room}/read", {"up_to": "no id"}).status_code in (302, 422)
    # Without scripts, an image in the page marks messages as read.
    again = send_message(by=alice, to=bob, text="Are you there?")
    page = client.get(room).content.decode()
    picture = f"{room}/{again.id}/seen"
    assert f'<noscript><img src="{picture}"' in page
    assert client.get(picture)["Content-Type"] == "image/svg+xml"
    assert unread_of(bob) == (0, 0)


def test_only_the_readers_own_pages_get_the_read_message(alice: Member, bob: Member, told: Any) -> None:
    first = send_message(by=alice, to=bob, text="One")
    second = send_message(by=alice, to=bob, text="Two")
    heard = told(lambda: mark_read(conversation=first.conversation, by=bob, up_to=first.id))
    fact = {
        "type": "conversation.read",
        "conversation": str(first.conversation_id),
        "read_up_to": str(first.id),
        "unread": 1,
    }
    assert heard == [(f"member.{bob.pk}", fact)]
    assert told(lambda: mark_read(conversation=first.conversation, by=bob, up_to=first.id)) == []
    (heard,) = told(lambda: mark_read(conversation=first.conversation, by=bob, up_to=second.id))
    assert heard[1]["unread"] == 0


def test_a_deleted_message_does_not_count_as_unread(alice: Member, bob: Member, told: Any) -> None:
    kept = send_message(by=alice, to=bob, text="Kept")
    taken = send_message(by=alice, to=bob, text="Taken back")
    assert unread_of(bob) == (2, 2)
    heard = told(lambda: delete_message(message=taken, by=alice))
    assert {(stream, fact["type"], fact["id"], fact["unread"]) for stream, fact in heard} == {
        (f"member.{alice.pk}", "message.deleted", str(taken.id), 0),
        (f"member.{bob.pk}", "message.deleted", str(taken.id), 1),
    }
    assert unread_of(bob) == (1, 1)
    app = APIClient()
    app.force_authenticate(bob)
    [row] = app.get("/api/conversations").json()["items"]
    assert (row["unread"], row["last"]["text"]) == (1, "Kept")
    assert "Taken back" not in app.get(f"/api/conversations/{row['id']}/messages").content.decode()
    # Deleting again or after reading never makes the count negative.
    delete_message(message=taken, by=alice)
    mark_read(conversation=kept.conversation, by=bob)
    delete_message(message=kept, by=alice)
    assert unread_of(bob) == (0, 0)
    assert "Message deleted" in as_browser(bob).get("/messages").content.decode()


def as_browser(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_an_app_reports_what_it_has_read(alice: Member, bob: Member) -> None:
    first = send_message(by=alice, to=bob, text="One")
    send_message(by=alice, to=bob, text="Two")
    app = APIClient()
    app.force_authenticate(bob)
    read = f"/api/conversations/{first.conversation_id}/read"
    assert app.post(read, {"up_to": str(first.id)}, format="json").status_code == 204
    assert app.get("/api/conversations").json()["items"][0]["unread"] == 1
    assert app.post(read, {"up_to": "x"}, format="json").status_code == 422
    assert app.post(read, {}, format="json").status_code == 204
    assert app.get("/api/conversations").json()["items"][0]["unread"] == 0


def test_one_inbox_row_can_be_fetched(alice: Member, bob: Member, carol: Member) -> None:
    message = send_message(by=alice, to=bob, text="Hello")
    path = f"/messages/{message.conversation_id}/row"
    line = as_browser(bob).get(path).content.decode()
    assert line.count('class="convo"') == 1
    assert "Hello" in line
    assert as_browser(carol).get(path).status_code == 404
    assert as_browser(carol).get(f"/messages/{message.conversation_id}/{message.id}/seen").status_code == 404
    assert (
        as_browser(carol).post(f"/messages/{message.conversation_id}/read", {"up_to": "1"}).status_code == 404
    )
    assert unread_of(bob) == (1, 1)


def test_unread_counts_on_open_pages_follow_blocks_and_mutes(alice: Member, bob: Member, told: Any) -> None:
    send_message(by=bob, to=alice, text="Hello")
    mine = f"member.{alice.pk}"

    def counted(act: Any) -> list[int]:
        return [f["unread"] for stream, f in told(act) if stream == mine and f["type"] == "message.counted"]

    assert counted(lambda: mute_member(member=bob, by=alice)) == [0]
    assert counted(lambda: unmute_member(member=bob, by=alice)) == [1]
    assert counted(lambda: block_member(member=bob, by=alice)) == [0]
    assert counted(lambda: unblock_member(member=bob, by=alice)) == [1]


# --- Muted words ----------------------------------------------------------------------------------------------------


def test_a_message_with_a_muted_word_is_hidden_without_a_notification(
    alice: Member, bob: Member, told: Any
) -> None:
    mute_word(by=bob, text="zebra")
    heard = told(lambda: send_message(by=alice, to=bob, text="Look, a Zébra!"))
    assert {fact["quiet"] for stream, fact in heard if stream == f"member.{bob.pk}"} == {True}
    assert {fact["quiet"] for stream, fact in heard if stream == f"member.{alice.pk}"} == {False}
    assert unread_of(bob) == (0, 0)
    conversation = Conversation.objects.get()
    page = as_browser(bob).get(f"/messages/{conversation.pk}").content.decode()
    assert '<details class="filtered">' in page
    assert "Look, a Zébra!" in page
    inbox = as_browser(bob).get("/messages").content.decode()
    assert "Muted: zebra" in inbox
    assert "Zébra" not in inbox
    theirs, app = APIClient(), APIClient()
    app.force_authenticate(bob)
    theirs.force_authenticate(alice)
    [message] = app.get(f"/api/conversations/{conversation.pk}/messages").json()["items"]
    assert message["filtered"] == {"word": "zebra"}
    assert app.get("/api/conversations").json()["items"][0]["last"]["filtered"] == {"word": "zebra"}
    # The sender can’t tell.
    assert theirs.get(f"/api/conversations/{conversation.pk}/messages").json()["items"][0]["filtered"] is None
    assert "filtered" not in as_browser(alice).get(f"/messages/{conversation.pk}").content.decode()


def test_muting_a_word_removes_messages_from_the_unread_count(alice: Member, bob: Member, told: Any) -> None:
    send_message(by=alice, to=bob, text="a zebra")
    send_message(by=alice, to=bob, text="a tiger")
    heard = told(lambda: mute_word(by=bob, text="zebra"))
    assert (f"member.{bob.pk}", {"type": "message.counted", "unread": 1}) in heard
    assert unread_of(bob) == (1, 1)


def test_a_word_muted_only_elsewhere_hides_no_message(alice: Member, bob: Member) -> None:
    mute_word(by=bob, text="zebra", places=["home", "search"])
    send_message(by=alice, to=bob, text="a zebra")
    assert unread_of(bob) == (1, 1)
    assert "Muted" not in as_browser(bob).get("/messages").content.decode()


# --- Sending once ---------------------------------------------------------------------------------------------------


def test_a_form_sent_twice_sends_one_message_and_with_a_new_text_another(alice: Member, bob: Member) -> None:
    client = as_browser(alice)
    page = client.get("/messages/with/bob").content.decode()
    [key] = re.findall(r'name="idempotency_key" value="([\w-]+)"', page)
    for _ in range(2):
        client.post("/messages/with/bob", {"text": "Once", "idempotency_key": key})
    client.post("/messages/with/bob", {"text": "Then this", "idempotency_key": key})
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["Once", "Then this"]


def test_the_first_message_redirects_to_its_conversation_with_htmx_too(alice: Member, bob: Member) -> None:
    answer = as_browser(alice).post("/messages/with/bob", {"text": "Hi"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (
        200,
        f"/messages/{Conversation.objects.get().pk}#end",
    )
