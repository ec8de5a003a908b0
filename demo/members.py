"""Members of the demo community and their follows: the same for the same seed. Nothing is saved here."""

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.text import normalized
from demo.source import source, topics

SPAN = timedelta(days=30)
"""How far back the posts go."""


@dataclass
class DemoMember:
    username: str
    display_name: str
    bio: str
    location: str
    interests: dict[str, float]
    pull: float
    """How likely others follow them: a power law, as in any community."""
    joined_at: datetime


def generate_members(count: int, *, now: datetime, rng: random.Random) -> list[DemoMember]:
    words = source()["people"][0]
    names = list(words["names"])
    phrases = {topic["name"]: topic["phrase"] for topic in topics()}
    all_topics = list(phrases)
    found: list[DemoMember] = []
    for i in range(count):
        name = names[i % len(names)] + ("" if i < len(names) else f" {i // len(names) + 1}")
        chosen = rng.sample(all_topics, k=rng.randint(2, 4))
        interests = {topic: 1 / (rank + 1) for rank, topic in enumerate(chosen)}
        bio = rng.choice(words["bios"]).format(interest=phrases[chosen[0]], other=phrases[chosen[1]])
        found.append(
            DemoMember(
                username=username_of(name),
                display_name=name,
                bio=re.sub(r"(^|[.!?] )(\w)", lambda m: m[1] + m[2].upper(), bio),
                location=rng.choice(words["homes"]) if rng.random() < 0.5 else "",
                interests=interests,
                pull=rng.paretovariate(1.2),
                joined_at=now - SPAN - timedelta(days=rng.randint(1, 600)),
            )
        )
    return found


def username_of(name: str) -> str:
    """Return the first name and initials: Ana Duarte is ana_d."""
    ascii_name = normalized(name.split()[0], "NFKD").encode("ascii", "ignore").decode().lower()
    rest = "".join(part[0] for part in name.split()[1:])
    ascii_rest = normalized(rest, "NFKD").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]", "", ascii_name + (f"_{ascii_rest}" if ascii_rest else ""))


def generate_follows(members: list[DemoMember], *, rng: random.Random) -> list[tuple[int, int]]:
    """Return pairs of follower and followee. Members with pull and with shared interests are followed more often."""
    pairs: list[tuple[int, int]] = []
    for i, member in enumerate(members):
        others = [j for j in range(len(members)) if j != i]
        weights = [
            members[j].pull * (0.3 + _shared_interest(member.interests, members[j].interests)) for j in others
        ]
        wanted = min(len(others), rng.randint(8, 25))
        chosen: set[int] = set()
        while len(chosen) < wanted:
            chosen.update(rng.choices(others, weights, k=wanted - len(chosen)))
        pairs += [(i, j) for j in sorted(chosen)]
    return pairs


def _shared_interest(mine: dict[str, float], theirs: dict[str, float]) -> float:
    return sum(weight * theirs.get(topic, 0.0) for topic, weight in mine.items())
