"""The benchmark’s own code, without servers: options, data, load and tables."""

import random
import socket
import threading
from itertools import repeat

import pytest

from bench.__main__ import like_request, options_of, request, requests_of
from bench.data import draw_follows
from bench.load import Answer, Load
from bench.report import Row, pages_table, percentile, sockets_table, targets_table, variants_table


def test_quick_is_small_and_never_has_more_sockets_than_viewers():
    options = options_of(["--quick"])
    assert (options.members, options.posts) == (100, 600)
    assert options.sockets <= options.viewers <= options.members


def test_an_unknown_row_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        options_of(["--only", "homes"])
    assert "no row is called homes" in capsys.readouterr().err


def test_follows_are_the_same_for_a_seed_and_few_members_have_many_followers():
    pairs = draw_follows(200, 20, random.Random(7))
    assert pairs == draw_follows(200, 20, random.Random(7))
    assert len(pairs) == len(set(pairs))
    assert all(a != b for a, b in pairs)
    followed = sorted((sum(1 for _, b in pairs if b == i) for i in range(200)), reverse=True)
    assert sum(followed[:20]) > 2 * sum(followed[-60:])


def test_a_like_is_requested_like_the_button_does():
    raw = like_request(42, "abc")["raw"]
    assert raw.startswith("POST /posts/42/like HTTP/1.1\r\n")
    assert "HX-Request: true\r\n" in raw
    assert raw.endswith("\r\n\r\n")


def test_every_row_has_requests_of_every_viewer():
    plan = {
        "sessions": ["a", "b"],
        "profiles": ["/@m1", "/@m2"],
        "threads": ["/@m1/1", "/@m1/2"],
        "words": ["tea", "sea"],
        "likes": [(1, 0)],
        "hot": [[(1, 1)]],
        "walled": {"sessions": ["c"], "threads": ["/@m3/3"], "words": ["bee"]},
    }
    asked = requests_of(plan)
    assert [r["path"] for r in asked["search"]] == ["/search?q=tea", "/search?q=sea"]
    assert {r["session"] for r in asked["home"]} == {"a", "b"}
    assert asked["hot0"][0]["path"] == "/posts/1/like"
    assert [(r["path"], r["session"]) for r in asked["thread-walls"]] == [("/@m3/3", "c")]


def test_a_response_is_complete_when_its_length_has_arrived():
    answer = Answer()
    assert not answer.feed(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-")
    assert not answer.feed(b"Length: 5\r\n\r\nHel")
    assert answer.feed(b"lo")
    assert (answer.status, answer.size, answer.closes) == (200, 5, True)


@pytest.mark.parametrize("closes", [True, False], ids=["a connection each", "kept alive"])
def test_the_load_counts_every_response_once(closes):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_all, args=(server, closes), daemon=True).start()
        hello = request("GET", "/", "s")["raw"].encode()
        found = Load(server.getsockname()[1], at_once=2).run(iter([hello] * 20), 5)
    assert found["statuses"] == {200: 20}
    assert (len(found["ms"]), found["bytes"]) == (20, 5)


def test_the_load_ends_when_its_time_is_up():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_all, args=(server, True), daemon=True).start()
        found = Load(server.getsockname()[1], at_once=2).run(
            repeat(request("GET", "/", "s")["raw"].encode()), 0.1
        )
    assert 0.1 <= found["seconds"] < 3


def answer_all(server, closes):
    def serve(connection):
        with connection:
            while connection.recv(65_536):
                end = b"Connection: close\r\n" if closes else b""
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + end + b"Content-Length: 5\r\n\r\nHello")
                if closes:
                    return

    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def test_a_percentile_is_a_measured_value():
    assert percentile(range(1, 101), 0.5) == 50
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([3.0], 0.99) == 3.0


def test_the_tables_show_rows_that_were_not_run_and_targets_that_are_met():
    hello = Row("hello", "D: hello", rates=[1000], ms=[1, 2])
    home = Row("home", "home", 0.2, rates=[300, 250], ratios=[0.3, 0.25], ms=[10, 20], kib=30, sql=5, redis=2)
    json = Row("json", "home as JSON", 0.3)
    table = pages_table([hello, home, json])
    assert "275 (250-300)" in table
    assert "0.275 (0.250-0.300)" in table
    assert "not run" in table.splitlines()[-1]
    bars = targets_table([hello, home, json])
    assert bars.splitlines()[-1].endswith("(0.25-0.30) | met |")
    assert "JSON" not in bars


def test_a_variant_of_a_row_is_relative_to_it():
    home = Row("home", "home", 0.2, ratios=[0.2, 0.4])
    walls = Row("home-walls", "home, behind walls", over="home", ratios=[0.1, 0.3])
    last = " ".join(variants_table([home, walls]).splitlines()[-1].split())
    assert last.endswith("| home | 0.62 (0.50-0.75) × |")
    assert variants_table([home]) == ""


def test_sockets_are_compared_to_the_sum_of_both_floors():
    took = {"like": [12.0], "bare": [2.0], "hello": [2.0]}
    text = sockets_table(took, {"like": 1, "bare": 0}, 50, 200)
    assert "p50: 3.0 × (W + D), target at most 3: met." in text
    assert "50 KiB of the process for each, target at most 40: not met." in text
