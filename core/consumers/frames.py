"""Frames from the client: parsing and validation."""

from collections.abc import Mapping
from typing import Any

from core.consumers.catching_up import snowflake
from core.limits import excerpt, read_json
from core.refusals import Refusal

MAX_FRAME = 4096

FIELDS = {
    "authenticate": {"type", "token"},
    "ping": {"type"},
    "subscribe": {"type", "streams", "after"},
    "unsubscribe": {"type", "streams"},
}
"""Frame type → the fields it may have."""


class NotUnderstood(Exception):
    """A frame that doesn't follow the protocol."""


def parse_frame(text: str | None) -> dict[str, Any]:
    """Return the frame as a dictionary with a `type`. Raises NotUnderstood."""
    if text is None:
        raise NotUnderstood("Messages are text.")
    if len(text) > MAX_FRAME or len(text.encode()) > MAX_FRAME:
        raise NotUnderstood(f"A message has at most {MAX_FRAME} bytes.")
    try:
        frame = read_json(text.encode())
    except Refusal:
        raise NotUnderstood("Messages are JSON, of whole characters.") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise NotUnderstood("A message is an object with a type.")
    if unknown := frame.keys() - FIELDS.get(frame["type"], frame.keys()):
        raise NotUnderstood(f"{frame['type']} has no {excerpt(min(unknown))}.")
    return frame


def streams_of(frame: Mapping[str, Any]) -> list[str]:
    """Return the field `streams`. Raises NotUnderstood."""
    streams = frame.get("streams")
    if not isinstance(streams, list) or not all(isinstance(stream, str) for stream in streams):
        raise NotUnderstood("streams is a list of names.")
    return streams


def token_of(frame: Mapping[str, Any]) -> str:
    """Return the field `token`. Raises NotUnderstood."""
    token = frame.get("token")
    if not isinstance(token, str):
        raise NotUnderstood("token is a string.")
    return token


def after_of(frame: Mapping[str, Any]) -> int | None:
    """Return the field `after` as a number; None if it is empty or missing. Raises NotUnderstood."""
    after = frame.get("after")
    if after is None or after == "":
        return None
    if not isinstance(after, str) or (number := snowflake(after)) is None:
        raise NotUnderstood("after is the id of a notification, as a string.")
    return number
