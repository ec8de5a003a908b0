"""Cleaning and tokenizing text: any script, any payload, in linear time."""

import random
import time
import unicodedata
from itertools import pairwise

import pytest

from core.text import (
    LINK_MAX,
    TAG_FOLDED_MAX,
    TAG_MAX,
    TokenKind,
    clean,
    clean_line,
    fold_tag,
    has_too_many_marks,
    hashtags,
    is_blank,
    isolated,
    length,
    mentions,
    tokenize,
)


def found(text, kind):
    return [(token.text, token.value) for token in tokenize(text) if token.kind is kind]


def links(text):
    return [value for _, value in found(text, TokenKind.LINK)]


# --- Cleaning ----------------------------------------------------------------------------------------------


def test_newlines_are_normalized():
    assert clean("a\r\nb\rc\u2028d\u2029e\x85f\x0bg\x0ch") == "a\nb\nc\nd\ne\nf\ng\nh"


def test_several_empty_lines_become_one():
    assert clean("a\n\n\n\n \t\n\nb") == "a\n\nb"


def test_control_characters_and_bidi_overrides_are_removed_but_not_emoji_joiners():
    assert clean("a\x00b\x1b[31mc\u202ed\ud800e") == "ab[31mcde"
    assert clean("👩\u200d👩\u200d👧") == "👩\u200d👩\u200d👧"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


def test_stored_text_is_composed_after_removals():
    assert clean("e\u0301") == "é"
    assert clean("e\x00\u0301") == "é"


def test_cleaning_twice_changes_nothing():
    for text in ("  a \n\n\n b\x00", "e\x01\u0301\r\r\r", "\u202e\n\n\u202e\n\n\u202ex"):
        assert clean(clean(text)) == clean(text)


def test_a_text_without_visible_characters_is_blank():
    for text in ("", " \n\t", "\u200b\u200d\ufeff", "\u3164\u2800", "\u00a0\u3000", "\ufe0f"):
        assert is_blank(text), repr(text)
    for text in ("a", " . ", "👍", "\u200bx", "é", "۱"):
        assert not is_blank(text), repr(text)


def test_a_name_is_one_line():
    assert clean_line(" Ana\n\tMaria ") == "Ana Maria"


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301" * 31,
        "\u0316\u0301" * 16,
        "a" + "\u0301\x00\u202e\ud800" * 31,
        "\uff9e\u0301" * 16,
        "\u0e34" * 31,
        "x" * 9 + "\u20dd" * 31 + "x",
    ],
)
def test_more_than_thirty_marks_in_a_row_are_too_many(text):
    assert has_too_many_marks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ud800",
        "a" + "\u0301" * 30,
        ("a" + "\u0301" * 30) * 9,
        "\u0301\n" * 99,
        "\u0301 " * 99,
        "हिन्दी " * 40,
        "ที่นี่" * 40,
        "e\u0301" * 99,
        "ｶﾞ" * 99,
        "❤\ufe0f" * 99,
    ],
)
def test_thirty_marks_in_a_row_are_not(text):
    assert not has_too_many_marks(text)


def test_length_counts_code_points_in_nfc():
    assert length("e\u0301") == 1
    assert length("👍") == 1
    assert length("👩\u200d👧") == 3


# --- Links -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.com.", "https://example.com"),
        ("(https://example.com/a)", "https://example.com/a"),
        ("https://en.wikipedia.org/wiki/Ana_(name)", "https://en.wikipedia.org/wiki/Ana_(name)"),
        ("(see https://en.wikipedia.org/wiki/Ana_(name))", "https://en.wikipedia.org/wiki/Ana_(name)"),
        ("“https://example.com/x”", "https://example.com/x"),
        ("https://example.com/a?b=c&d=e#f,", "https://example.com/a?b=c&d=e#f"),
        ("HTTP://EXAMPLE.COM", "HTTP://EXAMPLE.COM"),
        ("http://localhost:8000/x", "http://localhost:8000/x"),
        ("https://例え.jp/パス。次", "https://例え.jp/パス"),
        ("https://example.com/'x';", "https://example.com/'x"),
        ("<https://example.com/a>", "https://example.com/a"),
    ],
)
def test_a_link_ends_where_a_reader_would_end_it(text, expected):
    assert links(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "https://",
        "http:// example.com",
        "xhttp://example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:pw@example.com",
        "https://example.com@evil.example",
        "https://nodot",
        "//example.com",
        "https://...",
    ],
)
def test_text_that_only_looks_like_a_link_is_not_one(text):
    assert links(text) == []


def test_a_link_contains_no_mention_and_no_tag():
    assert mentions("https://example.com/@ana") == []
    assert hashtags("https://example.com/#part") == {}


def test_links_have_a_length_limit():
    [link] = links("https://example.com/" + "a" * 5000)
    assert len(link) == LINK_MAX


# --- Mentions ----------------------------------------------------------------------------------------------


def test_mentions_come_in_lower_case_each_once_in_order():
    assert mentions("@Bob and @alice, @BOB! (@carol_2)") == ["bob", "alice", "carol_2"]


@pytest.mark.parametrize(
    "text",
    ["ana@example.com", "@ana@example.org", "@@ana", "x@ana", "@a", "@" + "a" * 31, "@ana\u00e9", "ña@ana"],
)
def test_email_addresses_and_invalid_names_are_not_mentions(text):
    assert mentions(text) == []


def test_a_mention_ends_at_punctuation_and_emoji():
    assert mentions("@ana's @bob. @carol👋 @dan's") == ["ana", "bob", "carol", "dan"]


# --- Tags --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#Ana", "ana"),
        ("#العربية", "العربية"),
        ("#हिन्दी", "हिन्दी"),
        ("#ภาษาไทย", "ภาษาไทย"),
        ("#日本語タグ", "日本語タグ"),
        ("＃日本語", "日本語"),
        ("#한국어", "한국어"),
        ("#Ελλάς", "ελλάσ"),
        ("#straße", "strasse"),
        ("#İstanbul", "i̇stanbul"),
        ("#می\u200cخواهم", "میخواهم"),
        ("#ＡＢＣ", "abc"),
        ("#v2_0", "v2_0"),
        ("#2026goals", "2026goals"),
        ("#café.", "café"),
        ("#party🎉", "party"),
        ("(#paren)", "paren"),
    ],
)
def test_tags_are_found_in_every_script(text, name):
    assert list(hashtags(text)) == [name]


@pytest.mark.parametrize(
    "text", ["#", "#1", "#2026", "#_", "##ana", "a#b", "&#39;", "/#x", "# ana", "#🎉", "#\u0301a", "#-x"]
)
def test_numbers_and_url_fragments_are_not_tags(text):
    assert hashtags(text) == {}


def test_tags_with_one_folded_form_are_one_tag_with_the_first_spelling():
    assert hashtags("#Ana #ANA #ana #ａｎａ") == {"ana": "Ana"}


def test_a_tag_is_never_longer_than_its_column():
    [(name, label)] = hashtags("#" + "a" * 500).items()
    assert len(name) == len(label) == TAG_MAX
    # A ligature that folds to eighteen letters.
    assert hashtags("#" + "\ufdfa" * 100) == {}
    for char in ("\ufdfa", "ß", "ΐ", "\u0390"):
        for name, label in hashtags("#" + char * TAG_MAX).items():
            assert len(name) <= TAG_FOLDED_MAX
            assert len(label) <= TAG_MAX


def test_folding_every_letter_twice_changes_nothing():
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char)[0] not in "LMN":
            continue
        for tag in (char, "a" + char):
            assert fold_tag(fold_tag(tag)) == fold_tag(tag), hex(code)


def test_a_folded_tag_is_safe_in_a_path():
    for tag in ("½", "℅a", "a\ufdfab", "１／２", "a b", "../x"):
        assert not set(fold_tag(tag)) & set("/ .%?#⁄")


# --- Tokens ------------------------------------------------------------------------------------------------

PIECES = [
    "#", "＃", "@", "http://", "https://", "HTTPS://", "a", "é", "日", "ह", "\u094d", "1", "_", " ", "\n", "(", ")",
    ".", ",", "/", "&", "?", "\u200d", "\u200c", "👍", "\ufdfa", "<", ">", '"', "'", "example.com", "\u202e", "ß",
]  # fmt: skip


def test_the_tokens_of_any_text_join_to_the_text():
    chance = random.Random(7)
    for _ in range(5000):
        text = "".join(chance.choices(PIECES, k=chance.randrange(30)))
        tokens = list(tokenize(text))
        assert "".join(token.text for token in tokens) == text
        assert all(token.text for token in tokens)
        assert not any(a.kind is b.kind is TokenKind.TEXT for a, b in pairwise(tokens))


@pytest.mark.parametrize(
    "piece",
    [
        "http://", "https://a", "https://a.b ", "https://a.b/(", "https://a.b)", "#", "#a", " #a", "@", "@a", " @ab",
        "#_", ".#_1", "#1", "@a@a", "(", ")", "#\u0301", "#a\u200d", "\n\n\n", " \n", "\ufdfa", "#\ufdfa", "https://a.b...",
    ],
)  # fmt: skip
def test_a_hundred_thousand_adversarial_characters_take_linear_time(piece):
    def seconds(size):
        text = (piece * size)[:size]
        best = min(_timed(text) for _ in range(3))
        return best

    small, large = seconds(10_000), seconds(100_000)
    assert large < 5
    # Ten times the text takes about ten times as long if linear, a hundred times if quadratic.
    assert large < max(small, 0.002) * 40


def _timed(text):
    start = time.process_time()
    for _ in tokenize(clean(text)):
        pass
    return time.process_time() - start


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana Petrović", "Ana Petrović"),
        ("蔡文姬", "蔡文姬"),
        ("", ""),
        ("نور", "\u2068نور\u2069"),
        ("N. אבי", "\u2068N. אבי\u2069"),
    ],
)
def test_a_right_to_left_name_is_isolated(name: str, shown: str) -> None:
    assert isolated(name) == shown
