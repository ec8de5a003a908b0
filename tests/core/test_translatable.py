"""Stored messages are translated into the language of each reader."""

import pytest
from django.utils import translation

from core.text import clean, clean_line
from core.translatable import dump_translatable, translatable, translate_stored

HELD = "Automatic review (Claude) held this as %(category)s."
"""A message that the moderation app marks for translation; any marked message would do."""


def test_each_reader_gets_it_in_their_own_language():
    stored = dump_translatable(
        translatable(HELD, category=translatable("hate")), "It attacks people.", most=300
    )
    assert translate_stored(stored) == "Automatic review (Claude) held this as hate. It attacks people."
    with translation.override("de"):
        assert translate_stored(stored) == (
            "Die automatische Prüfung (Claude) hat das zurückgehalten: Hass. It attacks people."
        )


def test_members_text_is_returned_unchanged():
    for written in ("", "hate", "100 % sure %(category)s", '[{"say": "hate", "with": {}}]'):
        with translation.override("de"):
            assert translate_stored(written) == written


def test_values_are_not_translated_and_not_formatted():
    stored = dump_translatable(translatable("It contains “%(words)s”.", words="hate %(words)s"), most=300)
    with translation.override("de"):
        assert translate_stored(stored) == "Es enthält „hate %(words)s“."


def test_members_text_cannot_look_like_a_stored_message():
    stored = dump_translatable(translatable("hate"), most=300)
    for cleaned in (clean(stored), clean_line(stored)):
        assert translate_stored(cleaned) == cleaned


@pytest.mark.parametrize("words", ["plain words ", 'He says "no". ', "Grüße "])
def test_only_members_text_is_truncated(words):
    stored = dump_translatable(
        translatable("hate"), words * 40, translatable("A moderator will decide."), most=200
    )
    assert len(stored) <= 200
    assert translate_stored(stored).startswith(f"hate {words}")
    assert translate_stored(stored).endswith("… A moderator will decide.")


def test_a_message_that_is_no_longer_translated_stays_as_it_was():
    with translation.override("de"):
        assert (
            translate_stored(dump_translatable(translatable("We say %(this)s no more.", this=1), most=300))
            == "We say 1 no more."
        )
    assert translate_stored("\x1enot ours") == "\x1enot ours"
