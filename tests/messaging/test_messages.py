import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Member
from core.events import deliver_pending
from core.refusals import Invalid, NotFound
from messaging.actions import MESSAGE_MAX, delete_message, mark_read, send_message
from messaging.models import Conversation, Message, Participation
from messaging.queries import inbox_of, unread_messages
from social.actions import block_member, unblock_member


def test_two_people_share_one_conversation_whoever_begins(alice: Member, bob: Member) -> None:
    first = send_message(by=alice, to=bob, text="Hello")
    second = send_message(by=bob, to=alice, text="Hello yourself")
    assert first.conversation_id == second.conversation_id
    [row] = inbox_of(alice).items
    assert (row.other, row.unread, row.last) == (bob, 1, second)
    assert unread_messages(bob) == 1


def test_reading_leaves_nothing_unread(alice: Member, bob: Member) -> None:
    message = send_message(by=alice, to=bob, text="Hello")
    assert mark_read(conversation=message.conversation, by=bob)
    assert not mark_read(conversation=message.conversation, by=bob)
    assert unread_messages(bob) == 0


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (MESSAGE_MAX + 1)])
def test_an_empty_or_endless_message_is_refused(alice: Member, bob: Member, text: str) -> None:
    with pytest.raises(Invalid):
        send_message(by=alice, to=bob, text=text)
    assert not Conversation.objects.exists()


def test_one_writes_neither_to_oneself_nor_to_somebody_gone(alice: Member, bob: Member) -> None:
    with pytest.raises(Invalid):
        send_message(by=alice, to=alice, text="Hello")
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(NotFound):
        send_message(by=alice, to=bob, text="Hello")


def test_the_same_key_sends_once(alice: Member, bob: Member) -> None:
    one = send_message(by=alice, to=bob, text="Once", idempotency_key="k")
    again = send_message(by=alice, to=bob, text="Once", idempotency_key="k")
    assert one.pk == again.pk
    assert Message.objects.count() == 1
    assert unread_messages(bob) == 1


def test_a_message_taken_back_is_gone_for_both(alice: Member, bob: Member) -> None:
    kept = send_message(by=alice, to=bob, text="Kept")
    taken = send_message(by=alice, to=bob, text="Taken back")
    delete_message(message=taken, by=alice)
    [row] = inbox_of(bob).items
    assert row.last == kept


def test_nobody_else_knows_of_a_conversation(alice: Member, bob: Member, carol: Member) -> None:
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


def test_a_conversation_is_led_in_the_page(client: Client, alice: Member, bob: Member) -> None:
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


def test_an_app_leads_the_same_conversation(alice: Member, bob: Member) -> None:
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


def test_the_other_is_told_at_once(alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr("messaging.tasks.publish", lambda stream, fact: told.append((stream, fact)))
    message = send_message(by=alice, to=bob, text="Hello")
    deliver_pending()
    assert {(stream, fact["own"]) for stream, fact in told} == {
        (f"member.{alice.id}", True),
        (f"member.{bob.id}", False),
    }
    assert all(fact["id"] == str(message.id) for _, fact in told)


def test_a_conversation_is_led_in_german(client: Client, alice: Member, bob: Member) -> None:
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
    assert f"höchstens {MESSAGE_MAX} Zeichen; diese hat {MESSAGE_MAX + 1}." in refused.content.decode()


@pytest.mark.parametrize("rows", [3, 15])
def test_the_inbox_has_a_fixed_price(
    client: Client, alice: Member, django_assert_max_num_queries: Any, rows: int
) -> None:
    from tests.factories import make_member

    for _ in range(rows):
        send_message(by=make_member(), to=alice, text="Hello")
    client.force_login(alice)
    with django_assert_max_num_queries(8):
        assert client.get("/messages").content.decode().count('class="convo"') == rows


@pytest.mark.django_db(transaction=True)
def test_first_messages_from_both_sides_at_once_make_one_conversation(alice: Member, bob: Member) -> None:
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
def test_across_a_block_there_is_no_conversation_and_it_comes_back(
    alice: Member, bob: Member, blocker: str
) -> None:
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
