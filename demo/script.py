"""Who the demo members are and what they say: the same community for the same seed, nothing written here."""

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from core.text import normalized

P = TypeVar("P")
SPAN = timedelta(days=30)
FIRST_HOUR, LAST_HOUR = 6, 23


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "community.toml").read_text(encoding="utf-8"))


def topics() -> list[dict[str, Any]]:
    return list(_words()["topics"])


@dataclass
class Person:
    username: str
    display_name: str
    bio: str
    location: str
    interests: dict[str, float]
    pull: float
    """How much others follow this person: a power law, as everywhere."""
    joined_at: datetime


@dataclass
class Line:
    """One post to be: `reply_to` is an index into the list of lines."""

    author: int
    text: str
    at: datetime
    topic: str = ""
    reply_to: int | None = None
    likers: list[int] = field(default_factory=list)
    viewers: list[int] = field(default_factory=list)


@dataclass
class Circles:
    """How members stand to each other beyond following: indices into the list of people, of which the first is the
    demo member. What is said of nobody else is theirs.
    """

    private: list[int]
    asked: list[tuple[int, int]]
    """(who asks, whom)."""
    blocks: list[tuple[int, int]]
    mutes: list[tuple[int, int]]
    lists: list[tuple[str, list[int]]]
    tags: list[str]
    words: list[tuple[str, str]]
    """(word, phrase or #tag, whether its posts are hidden or covered)."""


def people(count: int, *, now: datetime, rng: random.Random) -> list[Person]:
    words = _words()["people"][0]
    names = list(words["names"])
    called = {topic["name"]: topic["called"] for topic in topics()}
    all_topics = list(called)
    found: list[Person] = []
    for i in range(count):
        name = names[i % len(names)] + ("" if i < len(names) else f" {i // len(names) + 1}")
        chosen = rng.sample(all_topics, k=rng.randint(2, 4))
        interests = {topic: 1 / (rank + 1) for rank, topic in enumerate(chosen)}
        bio = rng.choice(words["bios"]).format(interest=called[chosen[0]], other=called[chosen[1]])
        found.append(
            Person(
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
    ascii_name = normalized(name.split()[0], "NFKD").encode("ascii", "ignore").decode().lower()
    rest = "".join(part[0] for part in name.split()[1:])
    ascii_rest = normalized(rest, "NFKD").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]", "", ascii_name + (f"_{ascii_rest}" if ascii_rest else ""))


def follows(members: list[Person], *, rng: random.Random) -> list[tuple[int, int]]:
    """(follower, followee): drawn to people with pull and to shared interests."""
    pairs: list[tuple[int, int]] = []
    for i, member in enumerate(members):
        others = [j for j in range(len(members)) if j != i]
        weights = [
            members[j].pull * (0.3 + _closeness(member.interests, members[j].interests)) for j in others
        ]
        wanted = min(len(others), rng.randint(8, 25))
        chosen: set[int] = set()
        while len(chosen) < wanted:
            chosen.update(rng.choices(others, weights, k=wanted - len(chosen)))
        pairs += [(i, j) for j in sorted(chosen)]
    return pairs


def circles(members: list[Person], pairs: list[tuple[int, int]], *, rng: random.Random) -> Circles:
    """Two private accounts beside the demo member's, who waits at whose door, and what people keep to themselves."""
    following: dict[int, list[int]] = {i: [] for i in range(len(members))}
    for a, b in pairs:
        following[a].append(b)
    strangers = [i for i in range(1, len(members)) if i not in following[0]]
    # One whom the demo member reads, one before whose door they wait; nobody whom everybody reads.
    private = [min(group, key=lambda i: members[i].pull) for group in (following[0], strangers) if group]
    asked = [(0, i) for i in private if i in strangers]
    for door in [0, *private]:
        outside = [
            i for i in range(1, len(members)) if i != door and door not in following[i] and i not in private
        ]
        asked += [(i, door) for i in rng.sample(outside, k=min(3, len(outside)))]
    asking = {i for pair in asked for i in pair}
    free = [i for i in strangers if i not in asking]
    blocks = [(0, i) for i in free[-2:]]
    blocks += [pair for pair in zip(free[0:4:2], free[1:4:2], strict=False) if not set(pair) & set(free[-2:])]
    loud = sorted(set(following[0]) - set(private), key=lambda i: -members[i].pull)
    mutes = [(0, i) for i in loud[1:3]]
    for i in rng.sample(range(1, len(members)), k=min(6, len(members) - 1)):
        mutes.append((i, rng.choice(following[i])))
    shared = {
        topic: [i for i in range(1, len(members)) if topic in members[i].interests]
        for topic in members[0].interests
    }
    favourite = max(shared, key=lambda topic: len(shared[topic]))
    blocked = {b for _, b in blocks}
    by_name = {topic["name"]: topic for topic in topics()}
    tags = [tag for name in members[0].interests for tag in by_name[name]["tags"][:1]]
    other = next(name for name in by_name if name not in members[0].interests)
    return Circles(
        private=private,
        asked=asked,
        blocks=blocks,
        mutes=mutes,
        lists=[
            ("Close friends", [i for i in following[0] if i not in blocked][:5]),
            (
                by_name[favourite]["called"].capitalize(),
                [i for i in shared[favourite] if i not in blocked][:9],
            ),
        ],
        tags=tags,
        words=[
            (f"#{by_name[other]['tags'][1]}", "hide"),
            ("spoiler", "warn"),
            (str(_words()["people"][0]["folk"][0]), "warn"),
        ],
    )


def lines(members: list[Person], count: int, *, now: datetime, rng: random.Random) -> list[Line]:
    """Posts and the threads under them, oldest first."""
    by_name = {topic["name"]: topic for topic in topics()}
    # What everybody talks about today, so that trends have something to show.
    today = rng.sample(sorted(by_name), k=3)
    said: set[str] = set()
    used: Counter[str] = Counter()
    found: list[Line] = []
    weights = [0.4 + min(member.pull, 6) for member in members]
    for at in sorted(_moment(now, rng) for _ in range(count)):
        author = rng.choices(range(len(members)), weights)[0]
        interests = members[author].interests
        topic = rng.choices(list(interests), list(interests.values()))[0]
        if now - at < timedelta(hours=14) and rng.random() < 0.35:
            topic = rng.choice(today)
        text = next(
            (t for t in (_sentence(by_name[topic], used, rng) for _ in range(6)) if t not in said), None
        )
        if text is None:
            continue
        said.add(text)
        if rng.random() < 0.12:
            text += f" @{members[rng.randrange(len(members))].username}"
        if rng.random() < 0.4:
            text += f" #{rng.choice(by_name[topic]['tags'])}"
        found.append(Line(author=author, text=text, at=at, topic=topic))
    return found


def corpus_lines(path: Path, members: list[Person], *, now: datetime, rng: random.Random) -> list[Line]:
    """One post a line from a file; "@user", which such corpora write for every mention, becomes somebody here."""
    texts = [
        unescape(line).strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    texts = [text for text in texts if text]
    moments = sorted(_moment(now, rng) for _ in texts)
    names = [topic["name"] for topic in topics()]
    # People write about what they care for, here too.
    weights = {
        name: [(0.4 + min(member.pull, 6)) * (0.02 + member.interests.get(name, 0)) for member in members]
        for name in names
    }

    def somebody(match: re.Match[str]) -> str:
        return f"@{members[rng.randrange(len(members))].username}"

    lines = []
    for text, at in zip(texts, moments, strict=True):
        topic = _topic_of(text, names)
        author = rng.choices(range(len(members)), weights[topic])[0]
        lines.append(Line(author=author, text=re.sub(r"@user\b", somebody, text), at=at, topic=topic))
    return lines


def with_replies(
    found: list[Line], members: list[Person], *, now: datetime, rng: random.Random
) -> list[Line]:
    """The lines and short conversations under a third of them; a reply comes after what it answers."""
    replies = _words()["replies"]
    kinds = [kind for kind in replies if kind != "answer"]
    result = list(found)
    for index, line in enumerate(found):
        if rng.random() > 0.3:
            continue
        for _ in range(min(int(rng.paretovariate(1.4)), 8)):
            who = _interested(line, members, rng)
            at = line.at + timedelta(minutes=rng.expovariate(1 / 90) + 1)
            if who == line.author or at > now:
                continue
            kind = rng.choice(kinds)
            result.append(
                Line(
                    author=who,
                    text=_fill(rng.choice(replies[kind]), {}, rng),
                    at=at,
                    topic=line.topic,
                    reply_to=index,
                )
            )
            answered = at + timedelta(minutes=rng.expovariate(1 / 40) + 1)
            if kind == "ask" and rng.random() < 0.7 and answered < now:
                text = _fill(rng.choice(replies["answer"]), {}, rng)
                result.append(
                    Line(
                        author=line.author, text=text, at=answered, topic=line.topic, reply_to=len(result) - 1
                    )
                )
    return result


def add_reactions(
    found: list[Line], members: list[Person], pairs: list[tuple[int, int]], *, rng: random.Random
) -> None:
    """Who saw each line and who liked it: drawn by interest, by following, and by how often its author is read.

    These are the known preferences that a ranker trained on the demo has to find again.
    """
    followers: dict[int, list[int]] = {}
    for follower, followee in pairs:
        followers.setdefault(followee, []).append(follower)
    for line in found:
        audience = set(rng.sample(followers.get(line.author, []), k=len(followers.get(line.author, [])) // 2))
        audience.update(rng.sample(range(len(members)), k=min(4, len(members))))
        audience.discard(line.author)
        for viewer in sorted(audience):
            line.viewers.append(viewer)
            interest = members[viewer].interests.get(line.topic, 0.0)
            if rng.random() < 0.04 + 0.45 * interest + (0.06 if line.reply_to is None else 0.0):
                line.likers.append(viewer)


Talk = list[tuple[bool, str]]


def talks(people: Sequence[P]) -> list[tuple[P, Talk]]:
    """Short conversations with the demo member: (is it the member who speaks, what)."""
    return list(zip(people, _words()["talks"], strict=False))


def trouble(people: Sequence[P]) -> list[tuple[P, P, str, str, str]]:
    """Posts for the moderators to look at: (author, who reports it, text, rule, words)."""
    rows = _words()["trouble"]
    return [
        (people[i], people[i + len(rows)], row["text"], row["rule"], row["words"])
        for i, row in enumerate(rows)
        if i + len(rows) < len(people)
    ]


def _closeness(mine: dict[str, float], theirs: dict[str, float]) -> float:
    return sum(weight * theirs.get(topic, 0.0) for topic, weight in mine.items())


def _interested(line: Line, members: list[Person], rng: random.Random) -> int:
    weights = [0.1 + member.interests.get(line.topic, 0.0) for member in members]
    return rng.choices(range(len(members)), weights)[0]


def _sentence(topic: dict[str, Any], used: Counter[str], rng: random.Random) -> str:
    """A sentence on the topic, of a kind that has been used little so far."""
    template = min(rng.sample(topic["posts"], k=20), key=lambda t: used[t])
    used[template] += 1
    return _fill(template, topic, rng)


def _fill(template: str, own: dict[str, Any], rng: random.Random) -> str:
    """The template with a word in each slot; a topic's own lists go before everybody's."""
    lists = {**_words()["people"][0], **own}
    names = {"place": "places", "time": "times", "day": "days", "n": "numbers", "who": "folk"}
    slots: dict[str, str] = {slot: rng.choice(lists[name]) for slot, name in names.items()}
    if "things" in lists:
        slots["things"], slots["other"] = rng.sample(lists["things"], k=2)
    capitals = {slot.capitalize(): text[:1].upper() + text[1:] for slot, text in slots.items()}
    return template.format(**slots, **capitals)


def _topic_of(text: str, names: list[str]) -> str:
    """A corpus does not say what it is about. Posts that share their tag, or else their longest word, share a topic,
    so that what a member likes can be told from words.
    """
    tags = re.findall(r"#(\w+)", text.casefold())
    words = re.findall(r"\w+", text.casefold())
    subject = tags[0] if tags else max(words, key=len, default="")
    return names[crc32(subject.encode()) % len(names)]


def _moment(now: datetime, rng: random.Random) -> datetime:
    """Within the span, denser towards now, when people are awake."""
    while True:
        back = min(rng.expovariate(1 / (SPAN.days / 3)), SPAN.days)
        at = now - timedelta(days=back, seconds=rng.random() * 3600)
        if FIRST_HOUR <= at.hour <= LAST_HOUR or rng.random() < 0.2:
            return at


def chunks(items: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
