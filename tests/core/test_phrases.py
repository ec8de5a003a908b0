"""What is a word, and what is found where: the comparison behind muted words."""

import time

import pytest

from core.words import Phrases, as_phrase, fold


def found(phrase: str, text: str) -> bool:
    return bool(Phrases([(as_phrase(phrase), "it")]).found_in(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("spoiler", "A SPOILER, sorry"),
        ("spoiler", "(spoiler)"),
        ("spoiler", "spoiler"),
        ("spoiler", "#spoiler ahead"),
        ("Café", "the cafe at the corner"),
        ("cafe", "the CAFÉ at the corner"),
        ("ｃａｆｅ", "the café"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("good   morning", "Good\nmorning!"),
        ("good morning", "a very good, morning"),
        ("don't", "I DON’T know"),
        ("#Pokémon", "look: #pokemon"),
        ("#pokemon", "#POKÉMON"),
        ("#日本", "#日本 へ"),
        ("日本", "今日は日本語で"),
        ("カメラ", "新しいｶﾒﾗ"),
        ("한국", "한국어를"),
        ("ไทย", "ภาษาไทยง่าย"),
        ("🎄", "so much🎄🎄joy"),
        ("👍", "👍🏽"),
        ("👩‍💻", "a 👩‍💻 at work"),
        ("@bob", "thanks @Bob!"),
        ("bob", "thanks @bob"),
        ("example.com", "see https://example.com/page"),
        ("नमस्ते", "नमस्ते दुनिया"),
        ("привет", "ПРИВЕТ, мир"),
        ("2024", "in 2024."),
    ],
)
def test_a_phrase_is_found_however_it_is_written(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "a new start for the party"),
        ("spoiler", "spoilers"),
        ("#spoiler", "a spoiler without a tag"),
        ("#spoiler", "#spoilers"),
        ("@bob", "bob himself"),
        ("good morning", "good old morning"),
        ("good morning", "morning good"),
        ("日本", "日は本"),
        ("🎄", "🎅"),
        ("2024", "20245"),
    ],
)
def test_a_part_of_a_word_is_not_the_word(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize("text", ["", "   ", "!!!", "…", "\u200b", "@#", "---"])
def test_what_has_no_word_in_it_is_no_phrase(text: str) -> None:
    assert as_phrase(text) == ""
    assert not Phrases([(as_phrase(text), 1)]).found_in("!!! ... --- anything")


def test_folding_what_is_folded_changes_nothing() -> None:
    for text in ("Café #Straße", "日本 語", "#Ação", "@Bob", "DON'T panic", "👩‍💻 İ"):
        assert as_phrase(as_phrase(text)) == as_phrase(text), text
        assert fold(fold(text)) == fold(text)


def test_many_phrases_are_told_apart() -> None:
    phrases = Phrases([(as_phrase(text), text) for text in ("a b c", "a b", "b", "#a", "z")])
    assert phrases.found_in("a b d") == ["a b", "b"]
    assert phrases.found_in("a b c") == ["a b", "a b c", "b"]
    assert phrases.found_in("#a") == ["#a"]
    assert not Phrases([])


def test_the_worst_text_for_the_worst_phrases_is_read_quickly() -> None:
    phrases = Phrases([("a " * n + f"b{n}", n) for n in range(1, 48)] * 4)
    began = time.process_time()
    for _ in range(20):
        assert phrases.found_in("a " * 250) == []
    assert time.process_time() - began < 2
