"""Run all rows and floors in turn: `make bench`. `make bench ARGS=--help` shows the options."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.report import Row, pages_table, sockets_table, targets_table, variants_table
from tests.services.processes import Unavailable, answers_on, free_port, spawn, wait_until
from tests.services.site import ROOT
from tests.services.stack import HOST, Stack, start_stack

CSRF = "benchbenchbenchbenchbenchbench42"
DRAINED_WITHIN = 30.0
WARM_LIKES = 10


def rows_of_the_table() -> list[Row]:
    """Return every row, floors first, with the target of quality.md if a floor of this run decides it."""
    return [
        Row("hello", "D: hello"),
        Row("home", "home", 0.20),
        Row("ranked", "home, ranked", 0.60, over="home"),
        Row("json", "home as JSON", 0.30),
        Row("profile", "profile"),
        Row("thread", "thread"),
        Row("search", "search"),
        Row("like", "like, spread", 0.20),
        Row("hot", "like, one hot post", 0.90, over="like"),
        Row("home-walls", "home, behind walls", over="home"),
        Row("json-walls", "home as JSON, behind walls", over="json"),
        Row("thread-walls", "thread, behind walls", over="thread"),
        Row("search-walls", "search, behind walls", over="search"),
    ]


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--follows", type=int, default=50, help="for each member, on average, by a power law")
    parser.add_argument("--viewers", type=int, default=500, help="signed-in members who ask in turn")
    parser.add_argument(
        "--walled", type=int, default=60, help="as many more, who block and mute people and mute words"
    )
    parser.add_argument("--at-once", type=int, default=8, help="requests under way at a time")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.2, help="for each row in each round")
    parser.add_argument("--sockets", type=int, default=200)
    parser.add_argument("--likes", type=int, default=150, help="how many likes are followed to a socket")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--corpus", help="a file of posts, one a line; otherwise what the demo members say")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="some rows, of: home ranked json … sockets")
    parser.add_argument("--worker-class", choices=["sync", "gthread"], help="otherwise as deployed")
    parser.add_argument("--quick", action="store_true", help="small and short, to see that it works")
    options = parser.parse_args(arguments)
    if options.quick:
        options.members, options.posts, options.viewers = 100, 600, 50
        options.follows, options.rounds, options.seconds = 20, 2, 0.25
        options.sockets, options.likes, options.walled = 20, 10, 10
    known = [row.name for row in rows_of_the_table()] + ["sockets"]
    for name in options.only or ():
        if name not in known:
            parser.error(f"no row is called {name}; there are: {', '.join(known)}")
    options.viewers = min(options.viewers, options.members)
    # Only members who are neither viewers nor private.
    options.walled = max(1, min(options.walled, (options.members - options.viewers) // 2))
    options.sockets = min(options.sockets, options.viewers)
    return options


def request(method: str, path: str, session: str, **headers: str) -> dict[str, Any]:
    """Build a request, for the load (raw) and for counting (parts)."""
    headers = {"X-Forwarded-Proto": "https", **headers}
    cookies = f"sessionid={session}"
    if method == "POST":
        # As htmx sends it when a button is clicked.
        cookies += f"; csrftoken={CSRF}"
        headers |= {
            "HX-Request": "true",
            "X-CSRFToken": CSRF,
            "Origin": f"https://{HOST}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": "0",
        }
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Cookie: {cookies}"]
    raw = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])
    return {"method": method, "path": path, "session": session, "headers": headers, "raw": raw}


def requests_of(plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Build the requests of each row, viewer by viewer. A hot post is a row for each round."""
    sessions = plan["sessions"]
    pages = {
        "hello": ["/bench/hello"] * len(sessions),
        "home": ["/"] * len(sessions),
        "ranked": ["/?tab=for-you"] * len(sessions),
        "json": ["/api/timeline"] * len(sessions),
        "profile": plan["profiles"],
        "thread": plan["threads"],
        "search": [f"/search?q={word}" for word in plan["words"]],
    }
    found = {
        name: [request("GET", path, session) for path, session in zip(paths, sessions, strict=True)]
        for name, paths in pages.items()
    }
    walled = plan["walled"]
    behind_walls = {
        "home-walls": ["/"] * len(walled["sessions"]),
        "json-walls": ["/api/timeline"] * len(walled["sessions"]),
        "thread-walls": walled["threads"],
        "search-walls": [f"/search?q={word}" for word in walled["words"]],
    }
    for name, paths in behind_walls.items():
        found[name] = [
            request("GET", path, session) for path, session in zip(paths, walled["sessions"], strict=True)
        ]
    likes = {"like": plan["likes"], **{f"hot{i}": likes for i, likes in enumerate(plan["hot"])}}
    for name, pairs in likes.items():
        found[name] = [like_request(post_id, sessions[seat]) for post_id, seat in pairs]
    return found


def like_request(post_id: int, session: str) -> dict[str, Any]:
    return request("POST", f"/posts/{post_id}/like", session)


class LoadProcess:
    """Runs bench.load in its own process."""

    def __init__(
        self, folder: Path, *, port: int, asked: dict[str, list[dict[str, Any]]], at_once: int
    ) -> None:
        rows = {
            name: {"requests": [r["raw"] for r in requests], "once": requests[0]["method"] == "POST"}
            for name, requests in asked.items()
        }
        plan = folder / "load.json"
        plan.write_text(json.dumps({"port": port, "rows": rows}))
        self.at_once = at_once
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.load", str(plan)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, row: str, seconds: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(
            json.dumps({"row": row, "seconds": seconds, "at_once": self.at_once}),
            file=self.process.stdin,
            flush=True,
        )
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the load generator ended")
        found: dict[str, Any] = json.loads(answer)
        return found

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


class Bench:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.rows = [
            row for row in rows_of_the_table() if not options.only or row.name in (*options.only, "hello")
        ]
        self.drains: list[float] = []
        self.sockets: dict[str, Any] | None = None
        self.sizes: dict[str, int] = {}
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.begun:5.1f} s] {text}", file=sys.stderr, flush=True)

    def run(self) -> None:
        self.say("starting PostgreSQL and Redis")
        stack = start_stack(names=(), durable=True)
        try:
            self._run_on(stack)
        finally:
            stack.stop()

    def _run_on(self, stack: Stack) -> None:
        options = self.options
        # Requests are still counted, but the limits are too high to refuse any.
        rates = {"API_RATE_READ": "1000000/minute", "API_RATE_WRITE": "1000000/minute"}
        # All requests come from one address.
        rates |= dict.fromkeys(
            ("CONNECTIONS_PER_ADDRESS", "SOCKETS_PER_ADDRESS", "SOCKETS_PER_MEMBER"), "20000"
        )
        stack.environment.update(
            {"DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "WARNING", **rates}
        )
        if options.worker_class:
            stack.commands["web"][1:1] = [
                f"--worker-class={options.worker_class}",
                f"--threads={options.at_once}",
            ]
        self.say(f"making {options.members} members and {options.posts} posts")
        plan = self._fill(stack)
        self.sizes = plan["sizes"]
        self.say(f"made {self.sizes}; starting pages, sockets, worker and beat")
        stack.environment["LOG_LEVEL"] = "INFO"
        # Started concurrently. The threads stay to the end, because a process ends with the thread that started it.
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(stack.start, ("web", "live", "worker", "beat")))
            self._measure(stack, plan)

    def _measure(self, stack: Stack, plan: dict[str, Any]) -> None:
        options = self.options
        asked = requests_of(plan)
        self._count(stack, asked)
        if len(self.rows) > 1:
            self._pages(stack, asked)
        if not options.only or "sockets" in options.only:
            self._sockets(stack, plan)

    def _fill(self, stack: Stack) -> dict[str, Any]:
        options, given = self.options, stack.folder / "options.json"
        wanted = {**vars(options), "told": options.likes + WARM_LIKES}
        given.write_text(json.dumps(wanted))
        self._python(stack, "bench.data", given, stack.folder / "plan.json")
        plan: dict[str, Any] = json.loads((stack.folder / "plan.json").read_text())
        return plan

    def _count(self, stack: Stack, asked: dict[str, list[dict[str, Any]]]) -> None:
        names = {"hot0" if row.name == "hot" else row.name: row for row in self.rows if row.name != "like"}
        given = stack.folder / "asked.json"
        # Likes of the warm-up’s hot post are counted and not requested again.
        given.write_text(json.dumps({name: asked[name][-6:] for name in names}))
        for name, costs in json.loads(self._python(stack, "bench.counts", given)).items():
            names[name].sql, names[name].redis = costs["sql"], costs["redis"]
        if "hot0" in names:
            asked["hot0"] = asked["hot0"][:-6] or asked["hot0"]
            for row in self.rows:
                if row.name == "like":
                    row.sql, row.redis = names["hot0"].sql, names["hot0"].redis

    def _pages(self, stack: Stack, asked: dict[str, list[dict[str, Any]]]) -> None:
        options = self.options
        port = int(stack.pages.rsplit(":", 1)[1])
        load = LoadProcess(stack.folder, port=port, asked=asked, at_once=options.at_once)
        order = random.Random(options.seed)
        hello, rest = self.rows[0], self.rows[1:]
        try:
            self.say("warming up")
            for row in self.rows:
                self._slice(load, row, 0, options.seconds)
            self._drain(stack)
            for round_ in range(1, options.rounds + 1):
                self.say(f"round {round_} of {options.rounds}")
                before = self._slice(load, hello, round_, options.seconds / 2, keep=True)
                for row in order.sample(rest, len(rest)):
                    rate = self._slice(load, row, round_, options.seconds, keep=True)
                    if row.name in ("like", "hot"):
                        self.drains.append(self._drain(stack))
                    after = self._slice(load, hello, round_, options.seconds / 2, keep=True)
                    row.ratios.append(rate / ((before + after) / 2))
                    before = after
        finally:
            load.stop()

    def _slice(
        self, load: LoadProcess, row: Row, round_: int, seconds: float, *, keep: bool = False
    ) -> float:
        """Return the requests per second of one row."""
        found = load.run(f"hot{round_}" if row.name == "hot" else row.name, seconds)
        answered = len(found["ms"])
        wrong = {status: n for status, n in found["statuses"].items() if status != "200"}
        if not answered:
            raise RuntimeError(f"{row.title} answered nothing: {wrong}")
        rate = float(answered / found["seconds"])
        row.refused += sum(wrong.values())
        if keep:
            row.rates.append(rate)
            row.ms += found["ms"]
            row.kib = found["bytes"] / 1024
        return rate

    def _drain(self, stack: Stack) -> float:
        """Return the seconds until the worker has delivered every event."""
        import psycopg

        begun = time.monotonic()
        with psycopg.connect(stack.postgres.url, autocommit=True) as connection:
            while time.monotonic() - begun < DRAINED_WITHIN:
                waiting = connection.execute(
                    "SELECT count(*) FROM core_outboxevent WHERE delivered_at IS NULL AND parked_at IS NULL"
                ).fetchone()
                if waiting == (0,):
                    break
                time.sleep(0.1)
        return time.monotonic() - begun

    def _sockets(self, stack: Stack, plan: dict[str, Any]) -> None:
        options, port = self.options, free_port()
        self.say(f"opening {options.sockets} sockets, following {options.likes} likes")
        log = stack.folder / "bare.log"
        with log.open("wb") as out:
            process = spawn(
                [
                    str(Path(sys.executable).parent / "uvicorn"),
                    "bench.bare:application",
                    "--host=127.0.0.1",
                    f"--port={port}",
                    "--ws=websockets-sansio",
                    "--ws-per-message-deflate=false",
                    "--no-access-log",
                ],
                log=out,
                env=stack.environment,
                cwd=ROOT,
                as_server=False,
            )
        try:
            wait_until(lambda: answers_on(port), process=process, log=log, seconds=20, what="floor W")
            given = stack.folder / "sockets.json"
            sessions = plan["sessions"]
            hello = request("GET", "/bench/hello", sessions[0])["raw"]
            likes = [
                {"seat": seat, "request": like_request(post_id, sessions[by])["raw"]}
                for post_id, seat, by in plan["told"]
            ]
            seats = [
                {"session": session, "member": member}
                for session, member in zip(sessions, plan["member_ids"], strict=True)
            ]
            wanted = {
                "host": HOST,
                "live_pid": stack.processes["live"].process.pid,
                "live_port": int(stack.sockets.rsplit(":", 1)[1]),
                "web_port": int(stack.pages.rsplit(":", 1)[1]),
                "bare_port": port,
                "redis_url": stack.redis.url,
                "seats": seats[: options.sockets],
                "hello": hello,
                "likes": likes,
                "warm": WARM_LIKES,
            }
            given.write_text(json.dumps(wanted))
            self.sockets = json.loads(self._python(stack, "bench.sockets", given))
        finally:
            process.kill()
            process.wait(5)

    def _python(self, stack: Stack, module: str, *arguments: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env=stack.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise RuntimeError(f"{module} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def report(self) -> str:
        options = self.options
        parts = [
            f"Command: `{' '.join(['python -m bench', *sys.argv[1:]])}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
        ]
        parts.append(
            f"Seed {options.seed}: "
            + ", ".join(f"{number} {name}" for name, number in self.sizes.items())
            + f". {options.viewers} viewers, {options.at_once} requests at a time, {options.rounds} rounds of "
            f"{options.seconds:g} s for each row, in an order of their own, floor D before and after each."
        )
        names = ("Django", "gunicorn", "uvicorn", "psycopg", "redis", "starlette")
        versions = ", ".join(f"{name} {version(name)}" for name in names)
        load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
        parts.append(
            f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, which pages, sockets, worker, "
            f"PostgreSQL (fsync on), Redis and the load share; load average at the end {load}."
        )
        if any(row.ms for row in self.rows):
            parts += [pages_table(self.rows), targets_table(self.rows)]
            if variants := variants_table(self.rows):
                parts.append(variants)
        refused = {row.title: row.refused for row in self.rows if row.refused}
        if refused:
            parts.append(f"Responses other than 200: {refused}.")
        if self.drains:
            parts.append(
                f"After a slice of likes the worker had delivered every event within {max(self.drains):.1f} s "
                f"(median {sorted(self.drains)[len(self.drains) // 2]:.1f} s)."
            )
        if self.sockets is not None:
            found = self.sockets
            parts.append(sockets_table(found["ms"], found["lost"], found["kib_a_socket"], options.sockets))
        parts.append(f"The run took {time.monotonic() - self.begun:.0f} s.")
        return "\n\n".join(parts)


def main(arguments: Sequence[str]) -> int:
    bench = Bench(options_of(arguments))
    try:
        bench.run()
    except Unavailable as why:
        print(f"Nothing was measured: {why}.", file=sys.stderr)
        return 1
    print(bench.report())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
