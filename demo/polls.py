"""Polls of the demo community, running and ended. Nothing is written here."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.members import DemoMember


@dataclass(frozen=True)
class DemoPoll:
    """`votes`: index of a member → chosen options. Authors and voters are indexes into the members."""

    author: int
    text: str
    options: tuple[str, ...]
    at: datetime
    expires_at: datetime
    multiple: bool
    hide_results: bool
    votes: dict[int, list[int]]


# Text, options, weights of the options, hours ago, hours it lasts, several choices, results at the end.
_POLLS: tuple[tuple[str, tuple[str, ...], tuple[int, ...], float, int, bool, bool], ...] = (
    (
        "Settle this for our kitchen, please: when does the salt go into the pasta water?",
        ("Before it boils", "When it boils", "With the pasta", "You salt the water?"),
        (3, 6, 2, 1),
        2.5,
        24,
        False,
        False,
    ),
    (
        "Planning the autumn walks. Which mornings would you come? Pick all that work. #hiking",
        ("Saturday, early", "Saturday, late", "Sunday, early", "Sunday, late"),
        (4, 3, 2, 5),
        7,
        72,
        True,
        False,
    ),
    (
        "Photo of the month: which one gets the frame? I’ll show the result on Sunday, no peeking. #photography",
        ("Fog over the harbor", "The heron", "Market, 6 a.m."),
        (3, 5, 4),
        20,
        168,
        False,
        True,
    ),
    (
        "What do I read next? All three are on the table and I can’t decide. #books",
        ("The long one", "The sad one", "The one with the map"),
        (2, 2, 7),
        30,
        24,
        False,
        False,
    ),
    (
        "Sourdough people: how often do you feed yours? #bread",
        ("Every day", "Once a week", "When I remember", "It lives in the freezer"),
        (3, 4, 6, 2),
        52,
        24,
        False,
        False,
    ),
)


def generate_polls(
    members: Sequence[DemoMember], authors: Sequence[int], *, now: datetime, rng: random.Random
) -> list[DemoPoll]:
    """Return polls by different authors among `authors`, in which about a third of the members have voted."""
    found = []
    for author, poll in zip(rng.sample(authors, min(len(_POLLS), len(authors))), _POLLS, strict=False):
        text, options, weights, hours_ago, hours, multiple, hide_results = poll
        at = now - timedelta(hours=hours_ago)
        others = [i for i, member in enumerate(members) if i != author and member.joined_at < at]
        votes = {}
        for voter in rng.sample(others, len(others) // 3):
            chosen = set(rng.choices(range(len(options)), weights, k=rng.randint(1, 3) if multiple else 1))
            votes[voter] = sorted(chosen)
        expires_at = at + timedelta(hours=hours)
        found.append(DemoPoll(author, text, options, at, expires_at, multiple, hide_results, votes))
    return found
