"""Muting words: what can be muted, and how it is stored."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import Member
from core.refusals import Invalid, NotFound
from social.actions import delete_expired_mutes, edit_muted_word, mute_word, unmute_word
from social.actions.muted_words import MUTED_WORDS_MAX
from social.models import MutedWord
from social.queries import active_muted_words, muted_word

pytestmark = pytest.mark.django_db


def run_out(word: MutedWord) -> None:
    MutedWord.objects.filter(pk=word.pk).update(until=timezone.now() - timedelta(seconds=1))


def test_a_muted_word_is_stored_as_written_and_folded(alice: Member) -> None:
    word = mute_word(by=alice, text="  Café   Noir ", places=["home"], act="warn", for_=timedelta(days=1))
    assert (word.text, word.folded, word.places, word.act) == ("Café Noir", "cafe noir", ["home"], "warn")
    assert word.until is not None
    assert list(active_muted_words(alice)) == [word]


@pytest.mark.parametrize("text", ["", "  ", "...", "x" * 101, "\ufdfa" * 40])
def test_words_without_anything_to_match_are_refused(alice: Member, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        mute_word(by=alice, text=text)
    assert refusal.value.fields["text"]


@pytest.mark.parametrize(
    ("text", "folded", "note"),
    [
        ("AI", "ai", ""),
        ("n'ai", "n'ai", ""),
        ("L’été", "l'ete", ""),
        ("C++", "c++", ""),
        ("C#", "c#", ""),
        (".NET", ".net", ""),
        ("R&D", "r&d", ""),
        ("#tag", "#tag", ""),
        ("@Bob", "@bob", ""),
        ("🎄", "🎄", ""),
        ("日本", "日 本", ""),
        ("비", "비", ""),
        ("9/11", "9 11", "Matched as “9 11”, without /"),
        ("Spider-Man!", "spider man", "Matched as “spider man”, without -!"),
        ("日本・東京", "日 本 東 京", "Matched as “日本 東京”, without ・"),
        ("#2026", "2026", "Matched as “2026”, without #"),
        ("猫", "猫", "Also matches longer words that contain it"),
    ],
)
def test_the_note_says_what_is_matched(alice: Member, text: str, folded: str, note: str) -> None:
    word = mute_word(by=alice, text=text)
    assert (word.text, word.folded, word.note) == (text, folded, note)


@pytest.mark.parametrize("text", [":D", "<3", "+1", "c**", "(a)"])
def test_signs_that_leave_one_letter_are_refused(alice: Member, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        mute_word(by=alice, text=text)
    assert "is left, and too many posts contain that" in refusal.value.fields["text"][0]
    assert not MutedWord.objects.exists()


def test_words_of_an_earlier_version_are_folded_again(alice: Member, bob: Member) -> None:
    old = [
        ("n'ai", "n ai"),
        ("he'll", "hell"),
        ("hell", "h"),
        ("C++", "c"),
        ("9/11", "9 11"),
        ("9-11", "9  11"),
    ]
    for text, folded in old:
        MutedWord.objects.create(member=alice, text=text, folded=folded)
    MutedWord.objects.create(member=bob, text="c++", folded="c")
    fold = import_module("social.migrations.0004_fold_muted_words_anew").fold
    for _ in range(2):
        fold(apps, None)
        assert list(MutedWord.objects.filter(member=alice).order_by("id").values_list("text", "folded")) == [
            ("n'ai", "n'ai"),
            ("he'll", "he'll"),
            ("hell", "hell"),
            ("C++", "c++"),
            ("9-11", "9 11"),
        ]
        assert MutedWord.objects.get(member=bob).folded == "c++"


def test_invalid_places_and_actions_are_refused(alice: Member) -> None:
    wrongs: list[dict[str, Any]] = [
        {"places": []},
        {"places": ["kitchen"]},
        {"act": "shout"},
        {"for_": timedelta(0)},
    ]
    for wrong in wrongs:
        with pytest.raises(Invalid):
            mute_word(by=alice, text="word", **wrong)
    assert not MutedWord.objects.exists()


def test_a_word_muted_already_is_refused_however_it_is_written(alice: Member, bob: Member) -> None:
    mute_word(by=alice, text="Café")
    with pytest.raises(Invalid, match="already"):
        mute_word(by=alice, text="CAFE")
    mute_word(by=alice, text="#cafe")
    mute_word(by=bob, text="cafe")
    assert MutedWord.objects.count() == 3


def test_an_expired_word_can_be_muted_again(alice: Member) -> None:
    run_out(mute_word(by=alice, text="word"))
    assert not active_muted_words(alice).exists()
    again = mute_word(by=alice, text="Word")
    assert list(MutedWord.objects.all()) == [again]


def test_muted_words_are_limited(alice: Member) -> None:
    rows = [MutedWord(member=alice, text=f"w{n}", folded=f"w{n}") for n in range(MUTED_WORDS_MAX)]
    MutedWord.objects.bulk_create(rows)
    with pytest.raises(Invalid, match="up to 200"):
        mute_word(by=alice, text="one more")
    run_out(rows[0])
    mute_word(by=alice, text="one more")


def test_an_edit_changes_the_given_fields_only(alice: Member) -> None:
    word = mute_word(by=alice, text="word", places=["home"], for_=timedelta(days=1))
    edited = edit_muted_word(word=word, by=alice, act="warn", keep_end=True)
    assert (edited.text, edited.places, edited.act, edited.until) == ("word", ["home"], "warn", word.until)
    edited = edit_muted_word(word=word, by=alice, text="Wörter", places=["search", "threads"])
    edited.refresh_from_db()
    assert (edited.folded, edited.places, edited.until) == ("worter", ["threads", "search"], None)


def test_an_edit_cannot_duplicate_a_word(alice: Member) -> None:
    mute_word(by=alice, text="one")
    word = mute_word(by=alice, text="two")
    with pytest.raises(Invalid, match="already"):
        edit_muted_word(word=word, by=alice, text="ONE")
    assert edit_muted_word(word=word, by=alice, text="Two").text == "Two"


def test_muted_words_of_others_cannot_be_changed(alice: Member, bob: Member) -> None:
    word = mute_word(by=alice, text="word")
    with pytest.raises(NotFound):
        muted_word(word.id, viewer=bob)
    with pytest.raises(NotFound):
        edit_muted_word(word=word, by=bob, text="other")
    assert not unmute_word(word=word, by=bob)
    assert unmute_word(word=word, by=alice)
    assert not unmute_word(word=word, by=alice)


def test_mutes_expired_for_a_month_are_deleted(alice: Member) -> None:
    word = mute_word(by=alice, text="word", for_=timedelta(days=1))
    MutedWord.objects.filter(pk=word.pk).update(until=timezone.now() - timedelta(days=31))
    assert delete_expired_mutes() == 1
