"""The entry points for muting: menus, dialogs, settings and the API."""

import pytest
from django.test import Client

from accounts.models import Member
from posts.models import ThreadMute
from social.actions import mute_member, mute_word
from social.models import Mute, MutedWord
from social.queries import active_muted_words, mute_of
from tests.factories import make_post

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
JSON = "application/json"
WORD = {"text": "Zebra", "places": ["home", "search"], "act": "warn", "duration": "86400"}


@pytest.fixture
def as_alice(client: Client, alice: Member) -> Client:
    client.force_login(alice)
    return client


class TestPages:
    def test_the_form_mutes_for_a_duration_and_redirects_back(
        self, as_alice: Client, alice: Member, bob: Member
    ) -> None:
        form = as_alice.get("/@bob/mute", headers={"referer": "http://testserver/explore"})
        assert 'value="/explore"' in form.content.decode()
        given = {"duration": "3600", "notifications": "on", "next": "/explore"}
        assert as_alice.post("/@bob/mute", given)["Location"] == "/explore"
        mute = mute_of(alice, bob)
        assert mute is not None
        assert mute.until is not None
        assert mute.with_notifications
        assert "Until" in as_alice.get("/settings/muted").content.decode()

    def test_the_dialog_closes_and_a_toast_offers_undo(
        self, as_alice: Client, alice: Member, bob: Member
    ) -> None:
        assert "<dialog" in as_alice.get("/@bob/mute", headers=HTMX).content.decode()
        answer = as_alice.post("/@bob/mute", {"duration": ""}, headers=HTMX)
        assert (answer.status_code, answer.content) == (200, b"")
        assert "/@bob/unmute" in answer["HX-Trigger"]
        mute = mute_of(alice, bob)
        assert mute is not None
        assert (mute.until, mute.with_notifications) == (None, False)
        assert "Unmute @bob" in as_alice.get(f"/posts/{make_post(bob).id}/menu").content.decode()
        item = as_alice.post("/@bob/unmute", headers=HTMX).content.decode()
        assert "Mute @bob" in item
        assert mute_of(alice, bob) is None

    def test_a_duration_that_the_form_does_not_offer_is_refused(self, as_alice: Client, bob: Member) -> None:
        assert as_alice.post("/@bob/mute", {"duration": "12"}, headers=HTMX).status_code == 422
        assert not Mute.objects.exists()

    def test_muting_needs_another_member_and_signing_in(
        self, as_alice: Client, client: Client, bob: Member
    ) -> None:
        assert as_alice.get("/@alice/mute").status_code == 404
        assert as_alice.get("/@nobody/mute").status_code == 404
        for path in ("/@bob/mute", "/settings/muted", "/settings/words"):
            assert Client().get(path).status_code == 302

    def test_the_page_lists_your_own_mutes_only(
        self, as_alice: Client, alice: Member, bob: Member, carol: Member
    ) -> None:
        assert "You haven’t muted anyone" in as_alice.get("/settings/muted").content.decode()
        mute_member(member=carol, by=bob)
        mute_member(member=bob, by=alice)
        page = as_alice.get("/settings/muted").content.decode()
        assert "@bob" in page
        assert "@carol" not in page
        assert as_alice.post("/@bob/unmute?row", headers=HTMX).content == b""

    def test_a_word_is_muted_edited_and_removed(self, as_alice: Client, alice: Member) -> None:
        assert "No muted words" in as_alice.get("/settings/words").content.decode()
        assert as_alice.post("/settings/words", WORD)["Location"] == "/settings/words"
        word = active_muted_words(alice).get()
        assert (word.text, word.places, word.act) == ("Zebra", ["home", "search"], "warn")
        page = as_alice.get("/settings/words").content.decode()
        assert "Warning in home, search" in page
        edit = f"/settings/words/{word.id}"
        assert 'value="Zebra"' in as_alice.get(edit).content.decode()
        as_alice.post(edit, WORD | {"text": "#zebra", "duration": "keep"})
        changed = active_muted_words(alice).get()
        assert (changed.text, changed.until) == ("#zebra", word.until)
        as_alice.post(edit, WORD | {"duration": ""})
        assert active_muted_words(alice).get().until is None
        as_alice.post(f"{edit}/remove")
        assert not active_muted_words(alice).exists()
        assert as_alice.get(edit).status_code == 404

    def test_the_page_says_what_is_matched_when_signs_are_ignored(
        self, as_alice: Client, alice: Member
    ) -> None:
        note = "Matched as “9 11”, without /"
        page = as_alice.post("/settings/words", WORD | {"text": "9/11"}, follow=True).content.decode()
        assert f"“9/11” muted. {note}." in page
        edit = f"/settings/words/{active_muted_words(alice).get().id}"
        for path in ("/settings/words", edit):
            assert note in as_alice.get(path).content.decode()
        page = as_alice.post(edit, WORD | {"text": "C++"}, follow=True).content.decode()
        assert "“C++” saved." in page
        assert "Matched as" not in page

    def test_the_places_of_a_muted_word_are_translated(self, as_alice: Client) -> None:
        german = {"accept-language": "de"}
        sent = {"text": "Fussball", "places": ["home", "search"], "act": "warn", "duration": ""}
        as_alice.post("/settings/words", sent, headers=german)
        page = as_alice.get("/settings/words", headers=german).content.decode()
        assert "„Fussball“ ist stummgeschaltet." in page
        assert "Warnung in: Start, Suche · unbefristet" in page

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"text": ""}, "Enter a word, phrase or #hashtag"),
            ({"text": "!!!"}, "Enter a word, phrase or #hashtag"),
            ({"text": ":D"}, "Without the signs (:), only “d” is left"),
            ({"text": "x" * 101}, "up to 100 characters"),
            ({"text": "ZEBRA"}, "already"),
            ({"places": []}, "at least one place"),
        ],
    )
    def test_errors_are_shown_with_the_form(
        self, as_alice: Client, alice: Member, change: dict[str, object], said: str
    ) -> None:
        mute_word(by=alice, text="zebra")
        answer = as_alice.post("/settings/words", WORD | {"text": "tiger"} | change)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert MutedWord.objects.count() == 1

    def test_a_conversation_is_muted_from_the_menu(
        self, as_alice: Client, alice: Member, bob: Member
    ) -> None:
        post = make_post(bob)
        reply = make_post(alice, in_reply_to=post)
        answer = as_alice.post(f"/posts/{reply.id}/mute-thread", headers=HTMX)
        assert "unmute-thread" in answer.content.decode()
        assert ThreadMute.objects.get().root_id == post.id
        assert "Unmute this conversation" in as_alice.get(f"/posts/{post.id}/menu").content.decode()
        assert as_alice.post(f"/posts/{post.id}/unmute-thread").status_code == 302
        assert not ThreadMute.objects.exists()


class TestApi:
    def test_a_member_is_muted_and_unmuted(self, as_alice: Client, bob: Member) -> None:
        mute = f"/api/users/{bob.id}/mute"
        answer = as_alice.post(mute, {"duration": 3600, "notifications": False}, JSON).json()
        assert answer["muting"] is True
        assert answer["muted_until"]
        [listed] = as_alice.get("/api/mutes").json()["items"]
        assert (listed["member"]["username"], listed["notifications"]) == ("bob", False)
        assert as_alice.post(mute, {"duration": None}, JSON).json()["muted_until"] is None
        assert as_alice.delete(mute).json()["muting"] is False
        assert as_alice.get(f"/api/users/{bob.id}").json()["muting"] is False
        for seconds in (0, -1, 10**10, "long"):
            assert as_alice.post(mute, {"duration": seconds}, JSON).status_code == 422

    def test_muted_members_cannot_tell(self, client: Client, alice: Member, bob: Member) -> None:
        mute_member(member=bob, by=alice)
        client.force_login(bob)
        answer = client.get(f"/api/users/{alice.id}").json()
        assert (answer["muting"], answer["muted_until"]) == (False, None)

    def test_words_are_created_read_edited_and_removed(self, as_alice: Client) -> None:
        made = as_alice.post("/api/muted-words", {"text": "Zebra"}, JSON)
        assert made.status_code == 201
        word = made.json()
        assert word["places"] == ["home", "notifications", "threads", "search"]
        one = f"/api/muted-words/{word['id']}"
        changed = as_alice.patch(one, {"act": "warn", "duration": 60}, JSON).json()
        assert (changed["text"], changed["act"], bool(changed["until"])) == ("Zebra", "warn", True)
        kept = as_alice.patch(one, {"places": ["home"]}, JSON).json()
        assert (kept["until"], kept["places"]) == (changed["until"], ["home"])
        assert as_alice.get("/api/muted-words").json()["items"] == [kept]
        assert kept["note"] == ""
        noted = as_alice.post("/api/muted-words", {"text": "9/11"}, JSON).json()
        assert noted["note"] == "Matched as “9 11”, without /"
        as_alice.delete(f"/api/muted-words/{noted['id']}")
        refused = as_alice.post("/api/muted-words", {"text": "zébra"}, JSON)
        assert refused.status_code == 422
        assert "already" in refused.content.decode()
        assert as_alice.delete(one).status_code == 204
        assert as_alice.get(one).status_code == 404

    def test_posts_name_the_word_they_get_a_warning_for(
        self, as_alice: Client, alice: Member, bob: Member
    ) -> None:
        make_post(bob, "a zebra")
        mute_word(by=alice, text="zebra", act="warn")
        [post] = as_alice.get("/api/latest").json()["items"]
        assert post["filtered"] == {"word": "zebra"}

    def test_a_conversation_is_muted(self, as_alice: Client, bob: Member) -> None:
        post = make_post(bob)
        path = f"/api/posts/{post.id}/mute-thread"
        assert [as_alice.post(path).status_code for _ in range(2)] == [204, 204]
        assert ThreadMute.objects.count() == 1
        assert as_alice.delete(path).status_code == 204
        assert not ThreadMute.objects.exists()
        assert Client().post(path).status_code == 401
