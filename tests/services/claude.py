"""A local server with Claude's Messages API: it returns prepared answers and records the requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "claude-test-1"
FOR_EACH = "verdict-on-each"
"""Placeholder for the verdicts in a body, until the posts of the request are known."""


@dataclass(frozen=True)
class Answer:
    """One HTTP response; `after`: seconds to wait first, `cut`: stop half way, `drip`: seconds between bytes."""

    body: bytes
    status: int = 200
    after: float = 0
    cut: bool = False
    drip: float = 0
    content_type: str = "application/json"


def message(
    text: str | None, *, stop_reason: str = "end_turn", content: list[dict[str, Any]] | None = None
) -> Answer:
    """Return a complete Message with one text block, or with `content` as it is."""
    blocks = content if content is not None else ([] if text is None else [{"type": "text", "text": text}])
    return Answer(
        json.dumps(
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": MODEL,
                "content": blocks,
                "stop_reason": stop_reason,
                "stop_sequence": None,
                "usage": {"input_tokens": 400, "output_tokens": 40},
            }
        ).encode()
    )


def verdict(
    *, safe: bool = True, category: str = "none", confidence: float = 0.97, reason: str = "", **more: Any
) -> Answer:
    """Return structured output with the same verdict on each post of the request."""
    said = {"safe": safe, "category": category, "confidence": confidence, "reason": reason}
    return message(json.dumps({FOR_EACH: said | more}))


def verdicts(said: list[dict[str, Any]]) -> Answer:
    """Return structured output with these verdicts, each with the id of its post (see `asked_about`)."""
    return message(json.dumps({"verdicts": said}))


def verdict_on(asked: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Return one verdict on one of the posts of the request."""
    return {"id": asked["id"], "safe": True, "category": "none", "confidence": 0.97, "reason": ""} | said


def asked_about(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the posts of a request: {"id", "context", "text"}."""
    posts: list[dict[str, Any]] = json.loads(request["messages"][0]["content"])["posts"]
    return posts


def error(status: int, kind: str = "api_error") -> Answer:
    body = {"type": "error", "error": {"type": kind, "message": "told to"}, "request_id": "req_1"}
    return Answer(json.dumps(body).encode(), status=status)


def wrong_tool() -> Answer:
    """Return a call of an unknown tool instead of a verdict."""
    block = {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "publish",
        "input": {"safe": True, "category": "none"},
    }
    return message(None, stop_reason="tool_use", content=[block])


@dataclass
class Claude:
    """Returns `answers` in turn and then repeats the last one, or what `answer_to(request)` returns."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [verdict()])
    answer_to: Callable[[dict[str, Any]], Answer] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        """Reset: every post is safe, and no requests are recorded."""
        self.says(verdict())
        self.requests, self.headers = [], []

    def says(self, *answers: Answer) -> None:
        self.answers, self.answer_to = list(answers), None

    def next_answer(self, request: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            if self.answer_to is not None:
                return self.answer_to(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def _handler_of(claude: Claude) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/messages":
                self._give(error(404, "not_found_error"))
                return
            answer = claude.next_answer(asked, {k.lower(): v for k, v in self.headers.items()})
            self._give(replace(answer, body=_on_each(answer.body, asked)))

        def _give(self, answer: Answer) -> None:
            if answer.after:
                time.sleep(answer.after)
            self.close_connection = True
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
                step = 1 if answer.drip else max(len(body), 1)
                for start in range(0, len(body), step):
                    self.wfile.write(body[start : start + step])
                    time.sleep(answer.drip)
            except OSError:
                # The client has stopped waiting.
                pass

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def _on_each(body: bytes, request: dict[str, Any]) -> bytes:
    """Return the body with a verdict for each post of the request, if it comes from `verdict`."""
    if FOR_EACH.encode() not in body:
        return body
    answer = json.loads(body)
    said = json.loads(answer["content"][0]["text"])[FOR_EACH]
    each = [{"id": post["id"], **said} for post in asked_about(request)]
    answer["content"][0]["text"] = json.dumps({"verdicts": each})
    return json.dumps(answer).encode()
