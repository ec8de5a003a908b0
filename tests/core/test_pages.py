"""Keyset pages: every row once and in order despite changes between pages; only the site’s own cursors are accepted."""

import base64
import json

import pytest
from django.db.models import F, Value
from django.db.models.functions import Length
from django.utils import timezone

from accounts.models import Member
from core.encryption import seal_token
from core.models import OutboxEvent
from core.pages import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    Page,
    decode_cursor,
    encode_cursor,
    page_of,
    page_size,
    paginate,
)
from core.refusals import Invalid

pytestmark = pytest.mark.django_db


def make(count):
    now = timezone.now()
    return OutboxEvent.objects.bulk_create(
        [OutboxEvent(name=f"n{i % 3}", payload={}, due_at=now, attempts=i % 4) for i in range(count)]
    )


def walk(queryset, **options):
    pages, cursor = [], None
    while True:
        page = paginate(queryset, cursor=cursor, **options)
        pages.append(page.items)
        if not page.next_cursor:
            return pages
        cursor = page.next_cursor


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 40, 45])
def test_pages_have_every_row_once_in_order(count):
    rows = sorted(make(count), key=lambda row: -row.id)
    pages = walk(OutboxEvent.objects.all())
    assert [row for page in pages for row in page] == rows
    assert all(len(page) == PAGE_SIZE for page in pages[:-1])
    assert len(pages) == max(1, -(-count // PAGE_SIZE))


@pytest.mark.parametrize(
    "keys",
    [
        ("id",),
        ("-id",),
        ("attempts", "-id"),
        ("-attempts", "id"),
        ("name", "-attempts", "id"),
        ("-due_at", "id"),
    ],
)
def test_keys_may_be_ascending_descending_and_not_unique(keys):
    make(45)
    expected = list(OutboxEvent.objects.order_by(*keys))
    assert [row for page in walk(OutboxEvent.objects.all(), keys=keys, size=7) for row in page] == expected


def test_an_annotation_may_be_a_key():
    make(30)
    rows = OutboxEvent.objects.annotate(score=F("attempts") * Value(1.1) + Length("name"))
    pages = walk(rows, keys=("-score", "-id"), size=4)
    assert [row for page in pages for row in page] == list(rows.order_by("-score", "-id"))


def test_rows_added_or_removed_between_pages_cause_no_gaps_or_repetitions():
    make(45)
    rows = list(OutboxEvent.objects.order_by("-id"))
    first = paginate(OutboxEvent.objects.all())
    make(5)
    for row in (rows[3], rows[19], rows[30]):
        row.delete()
    second = paginate(OutboxEvent.objects.all(), cursor=first.next_cursor)
    expected = [*rows[20:30], *rows[31:41]]
    assert [row.created_at for row in second.items] == [row.created_at for row in expected]


def test_a_page_takes_one_query(django_assert_num_queries):
    make(25)
    with django_assert_num_queries(1):
        page = paginate(OutboxEvent.objects.all())
    assert len(page) == 20
    assert page
    assert not Page([], "")


GOOD = encode_cursor([5])


def swapped(cursor: str, place: int) -> str:
    """Return the cursor with another letter at the given position."""
    return f"{cursor[:place]}{'A' if cursor[place] != 'A' else 'B'}{cursor[place + 1 :]}"


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "!!!", "é", "\x00", "=", GOOD + "A", GOOD[:-2], encode_cursor([]), encode_cursor([1, 2]),
        encode_cursor([None]), encode_cursor([True]), encode_cursor([[1]]), encode_cursor([{"a": 1}]),
        encode_cursor([2**63]), encode_cursor([-(2**63)]), encode_cursor(["abc"]), encode_cursor(["a\x00"]),
        encode_cursor(["\ud800"]), encode_cursor([float("nan")]), encode_cursor([float("inf")]),
        "A" * 128, "A" * 100_000, swapped(GOOD, 0), swapped(GOOD, 64), swapped(GOOD, 126),
        base64.urlsafe_b64encode(b"[5]").decode(), seal_token(b"[5]", purpose="something else"),
    ],
)  # fmt: skip
def test_an_invalid_cursor_is_refused(cursor):
    with pytest.raises(Invalid) as refusal:
        paginate(OutboxEvent.objects.all(), cursor=cursor)
    assert refusal.value.code == "bad_cursor"


@pytest.mark.parametrize("value", ["yesterday", "", 5, 1.5, "9999-99-99", "2026-13-01T00:00:00"])
def test_a_cursor_without_a_time_is_refused_where_one_is_needed(value):
    with pytest.raises(Invalid):
        paginate(OutboxEvent.objects.all(), cursor=encode_cursor([value, 1]), keys=("-due_at", "-id"))


def test_a_fraction_in_place_of_an_integer_is_accepted():
    make(3)
    paginate(OutboxEvent.objects.all(), cursor=encode_cursor([1.5]))
    paginate(OutboxEvent.objects.all(), cursor=encode_cursor([2**63 - 1]))


def test_a_cursor_decodes_to_its_values():
    moment = timezone.now()
    values = [moment, 2**62, 0.1, "日本語"]
    assert decode_cursor(encode_cursor(values), 4) == [moment.isoformat(), *values[1:]]
    assert json.dumps(encode_cursor(values)).isascii()


def test_a_cursor_is_opaque():
    short, long = encode_cursor([1]), encode_cursor(["s", 0, 2**62, 1.2345678901234567, 2**62])
    assert len(short) == len(long)
    assert b"4611686018427387904" not in base64.urlsafe_b64decode(long)
    assert encode_cursor([1]) == short, "the same answer twice is the same in every byte"
    assert encode_cursor([2])[:40] != short[:40]


def test_a_cursor_survives_a_change_of_the_secret_key(settings):
    old, cursor = settings.SECRET_KEY, encode_cursor([7])
    settings.SECRET_KEY = "another"
    with pytest.raises(Invalid):
        decode_cursor(cursor, 1)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert decode_cursor(cursor, 1) == [7]
    assert encode_cursor([7]) != cursor


def test_a_page_of_given_items_has_a_cursor_only_if_there_are_more():
    assert page_of([1, 2], cursor_of=lambda n: [n], more=False).next_cursor == ""
    assert decode_cursor(page_of([1, 2], cursor_of=lambda n: [n], more=True).next_cursor, 1) == [2]


@pytest.mark.parametrize(
    ("asked", "size"), [(None, 20), ("", 20), ("5", 5), ("0", 1), ("100", 100), ("100000", MAX_PAGE_SIZE)]
)
def test_a_limit_is_clamped(asked, size):
    assert page_size(asked) == size


@pytest.mark.parametrize("asked", ["-1", "x", "1.5", "٣", "²", "9999999", " 5"])
def test_a_limit_must_be_a_number(asked):
    with pytest.raises(Invalid) as refusal:
        page_size(asked)
    assert "limit" in refusal.value.fields


def test_relations_to_one_may_be_keys(alice, bob, carol):
    people = Member.objects.all()
    assert [m for page in walk(people, keys=("-joined_at", "username"), size=1) for m in page] == list(
        people.order_by("-joined_at", "username")
    )
