import threading
from datetime import UTC, datetime, timedelta

from core.ids import id_at, new_id, time_of


def test_ids_increase_within_a_process() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_threads_never_get_the_same_id() -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.extend(new_id() for _ in range(5_000))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 40_000


def test_an_id_contains_the_time_of_its_creation() -> None:
    assert abs(time_of(new_id()) - datetime.now(UTC)) < timedelta(seconds=2)


def test_ids_for_a_past_time_sort_before_new_ones() -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert id_at(yesterday, salt=0) <= id_at(yesterday) < new_id()
    assert abs(time_of(id_at(yesterday)) - yesterday) < timedelta(milliseconds=2)


def test_an_id_fits_a_signed_64_bit_column_for_decades() -> None:
    assert id_at(datetime(2090, 1, 1, tzinfo=UTC)) < 2**63
