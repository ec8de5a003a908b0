"""Limits on input apply to the raw request, and processing takes linear time."""

import re
import time
import unicodedata
from collections.abc import Callable

import pytest
from django.http import QueryDict

from core.limits import (
    JSON_DEPTH_MAX,
    JSON_ITEMS_MAX,
    check_form,
    check_text,
    read_json,
)
from core.refusals import BadRequest, Invalid
from core.text import MARKS_MAX, clean, fold_tag, length, normalized
from core.words import fold, words_in_order
from moderation.word_rules import fold_pattern
from tests.sources import APPS, ROOT

# Two marks that normalizing has to sort, so a long run of them takes quadratic time.
MARKS = "\u0301\u0316"
IN_A_ROW = {
    "plain": MARKS,
    "control characters between": "\u0301\x01\u0316\x02",
    "letters that become marks": "\uff9e\u0316",
    "marks that become two": "\u0f73\u0301",
}
# Separated by characters that folding drops, so the marks become adjacent only inside it.
HIDDEN = IN_A_ROW | {
    "joiners between": "\u0301\u200d\u0316\u200b",
    "a tatweel between": "\u0301\u0640\u0316",
    "signs of scripts that keep them": "\u093c\u200b\u094d\u200b",
}
WRITING = [
    "Tiếng Việt, Ελληνικά, पढ़ा-लिखा, தமிழ், ไทยที่นี่, မြန်မာ, עִבְרִית, السَّلَامُ عَلَيْكُمْ",
    "👩‍👩‍👧‍👦 ❤️❤️❤️ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 👍🏽👍🏽",
    "Z̸̛͕͖̈́̊͊a̷͎̼̓l̸͔̫̋̈́g̵̱̈́o̶̭̍",
    "e" + "\u0301" * MARKS_MAX,
    "",
]


@pytest.mark.parametrize("text", WRITING)
def test_ordinary_text_is_accepted(text: str) -> None:
    check_text(text)
    assert normalized(text, "NFC") == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("marks", IN_A_ROW.values(), ids=IN_A_ROW.keys())
def test_marks_in_a_row_are_refused(marks: str) -> None:
    with pytest.raises(Invalid):
        check_text("a" + marks * MARKS_MAX, "text")


@pytest.mark.parametrize(
    "work",
    [fold, clean, length, fold_tag, words_in_order, fold_pattern],
    ids=["fold", "clean", "length", "fold_tag", "words", "rules"],
)
@pytest.mark.parametrize("marks", HIDDEN.values(), ids=HIDDEN.keys())
def test_unchecked_text_takes_linear_time_too(work: Callable[[str], object], marks: str) -> None:
    started = time.process_time()
    work(("a" + marks * 20_000)[:40_000])
    assert time.process_time() - started < 1, "with the square of its length it takes some seconds"


def test_normalizing_happens_in_one_module_only() -> None:
    found = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"unicodedata\.normalize|import normalize\b|_normalize\(", path.read_text())
    ]
    assert found == ["core/text.py"], "use core.text.normalized"


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_a_lone_surrogate_is_refused_with_the_field_name(half: str) -> None:
    with pytest.raises(BadRequest) as refused:
        check_text(half, "name")
    assert refused.value.fields.keys() == {"name"}
    with pytest.raises(BadRequest) as refused:
        check_text(half, half)
    "".join(refused.value.fields).encode()


def test_text_has_a_length_limit(settings) -> None:
    check_text("x" * settings.TEXT_MAX_LENGTH)
    with pytest.raises(Invalid):
        check_text("x" * (settings.TEXT_MAX_LENGTH + 1))


def test_form_names_and_values_are_both_checked() -> None:
    form = QueryDict(mutable=True)
    form.setlist("a", ["fine", "a" + MARKS * MARKS_MAX])
    with pytest.raises(Invalid) as refused:
        check_form(form)
    assert list(refused.value.fields) == ["a"]
    names = QueryDict(mutable=True)
    names["a" + MARKS * MARKS_MAX] = "x"
    with pytest.raises(Invalid):
        check_form(names)


JSON = {
    "deep": "[" * (JSON_DEPTH_MAX + 1),
    "deep objects": '{"a":' * 100_000,
    "many": "[" + "1," * JSON_ITEMS_MAX + "1]",
    "many keys": "{" + ",".join(f'"{n}":1' for n in range(JSON_ITEMS_MAX + 1)) + "}",
    "many empty": "[" + "{}," * JSON_ITEMS_MAX + "{}]",
    "a string without an end": '"' + '\\"' * 200_000,
    "not a number": '{"a": NaN}',
    "a number of many digits": '{"a": ' + "9" * 5000 + "}",
    "half a character": '{"a": ["\\ud800"]}',
    "half a character as a name": '{"a": {"\\ud800": 1}}',
    "no JSON": "{",
    "nothing": "",
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON.keys())
def test_bad_json_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    with pytest.raises(BadRequest):
        read_json(text.encode())
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe{\x00}\x00", b'"\xed\xa0\x80"'], ids=["UTF-16", "half a character in bytes"]
)
def test_json_must_be_utf_8(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        read_json(raw)


def test_brackets_and_commas_within_strings_do_not_count() -> None:
    text = '[{,]}\\"' * 2000
    assert read_json(b'{"text": "' + text.encode() + b'"}') == {"text": text.replace("\\", "")}


def test_json_of_the_usual_size_is_read() -> None:
    events = ",".join(
        '{"id": "12345678", "post": "1", "kind": "view", "position": 1, "at": null}' for _ in range(100)
    )
    assert len(read_json(f'{{"events": [{events}]}}'.encode())["events"]) == 100
