from collections.abc import Callable
from typing import Any

import pytest

import core.events
import social.actions
from core.events import Event


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """Return a function that returns the events emitted by social, with or without subscribers, in order."""
    import dataclasses

    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        core.events.emit(event)

    for noun in (social.actions.follows, social.actions.requests, social.actions.blocks):
        monkeypatch.setattr(noun, "emit", emit)
    return lambda: [(event.name, dataclasses.asdict(event)) for event in events]
