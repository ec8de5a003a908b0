"""The words of the demo community, read from community.toml."""

import random
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def source() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "community.toml").read_text(encoding="utf-8"))


def topics() -> list[dict[str, Any]]:
    return list(source()["topics"])


def fill_slots(template: str, topic: dict[str, Any], rng: random.Random) -> str:
    """Return the template with a word in each slot. A topic’s own lists replace those of everyone."""
    lists = {**source()["people"][0], **topic}
    names = {"place": "places", "time": "times", "day": "days", "n": "numbers", "who": "folk"}
    slots: dict[str, str] = {slot: rng.choice(lists[name]) for slot, name in names.items()}
    if "things" in lists:
        slots["things"], slots["other"] = rng.sample(lists["things"], k=2)
    capitals = {slot.capitalize(): text[:1].upper() + text[1:] for slot, text in slots.items()}
    return template.format(**slots, **capitals)
