"""Who hears what: event → the functions told of it, each in a transaction of its own (core.events)."""

from collections.abc import Mapping, Sequence

from core.events import Event

SUBSCRIPTIONS: Mapping[type[Event], Sequence[str]] = {}
