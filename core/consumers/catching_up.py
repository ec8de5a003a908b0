"""Streams: who may subscribe, and the live messages that bring a subscriber up to date."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Generic, TypeVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.module_loading import import_string

from core.streams import LiveMessage, parse_stream

_SNOWFLAKE = re.compile(r"[0-9]{1,19}\Z")


class OwnedStreams(dict[str, Sequence[LiveMessage]]):
    """The result of `Stream.catch_up` when a member's privacy decides who may subscribe: `owners` maps keys to
    member ids.
    """

    def __init__(self, messages: Mapping[str, Sequence[LiveMessage]], owners: Mapping[str, int]) -> None:
        super().__init__(messages)
        self.owners = owners


MemberT = TypeVar("MemberT", bound=AbstractBaseUser)
"""The viewer. core doesn’t import members: an app writes `class PostStream(Stream[Member])`."""


class Stream(Generic[MemberT]):
    """One kind of stream, `<prefix>.<key>`. Subclass it in `<app>/consumers.py` and add it to config/sockets.py.

    One instance serves every socket of the process, so it must not have state.
    """

    def catch_up(
        self, viewer: MemberT | None, keys: Sequence[str], after: int | None
    ) -> Mapping[str, Sequence[LiveMessage]]:
        """Return those of `keys` that `viewer` may subscribe to, each with the live messages that
        bring the client up to date.

        A key that is missing from the result is refused. Use one visible_to query for all keys; keys come from outside
        and may be anything that matches [A-Za-z0-9_-]{1,64}. `after` is the newest notification id that the client
        knows. Runs in a thread.
        """
        raise NotImplementedError

    def for_viewer(self, viewer: MemberT | None, message: LiveMessage) -> LiveMessage | None:
        """Return `message` as this viewer may see it; None to send nothing.

        Runs on the event loop, once for each socket: don't use the database.
        """
        return message

    def is_last(self, viewer: MemberT | None, message: LiveMessage) -> bool:
        """Return whether this viewer may see nothing after `message`, so the socket unsubscribes."""
        return False


@dataclass
class CatchUpResult:
    """Which streams a viewer may subscribe to, and the live messages that bring the client up to date."""

    streams: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    messages: list[LiveMessage] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)
    """Stream → id of the member whose privacy decides who may subscribe."""


@cache
def stream_handler(prefix: str) -> Stream[AbstractBaseUser] | None:
    """Return the handler for streams with this prefix, as named in config/sockets.py."""
    module, _, name = settings.STREAMS.rpartition(".")
    path = getattr(import_module(module), name).get(prefix)
    return import_string(path)() if path else None


def catch_up(viewer: AbstractBaseUser | None, streams: Sequence[str], after: int | None) -> CatchUpResult:
    """Check permission for `streams` and read their present state, with one query for each kind of stream.

    Sockets and polling both use it.
    """
    result = CatchUpResult()
    by_prefix: dict[str, list[str]] = {}
    for stream in dict.fromkeys(streams):
        parsed = parse_stream(stream)
        if parsed and stream_handler(parsed[0]):
            by_prefix.setdefault(parsed[0], []).append(parsed[1])
        else:
            result.refused.append(stream)
    for prefix, keys in by_prefix.items():
        handler = stream_handler(prefix)
        assert handler is not None
        allowed = handler.catch_up(viewer, keys, after)
        for key in keys:
            stream = f"{prefix}.{key}"
            if key in allowed:
                result.streams.append(stream)
                result.messages.extend(allowed[key])
                if isinstance(allowed, OwnedStreams):
                    result.owners[stream] = allowed.owners[key]
            else:
                result.refused.append(stream)
    return result


def snowflake(text: str) -> int | None:
    """Return an id from outside as a number; None if it can't be one."""
    return int(text) if _SNOWFLAKE.match(text) and int(text) < 2**63 else None
