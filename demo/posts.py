"""Posts, replies and likes of the demo community: the same for the same seed. Nothing is written here."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from demo.members import SPAN, DemoMember
from demo.source import fill_slots, source, topics

M = TypeVar("M")
FIRST_HOUR, LAST_HOUR = 6, 23


@dataclass
class DemoPost:
    """A post to import. `reply_to` is an index into the list of posts; the others are indexes into the members."""

    author: int
    text: str
    at: datetime
    topic: str = ""
    reply_to: int | None = None
    likers: list[int] = field(default_factory=list)
    viewers: list[int] = field(default_factory=list)


def generate_posts(
    members: list[DemoMember], count: int, *, now: datetime, rng: random.Random
) -> list[DemoPost]:
    """Return posts without replies, oldest first."""
    by_name = {topic["name"]: topic for topic in topics()}
    # Popular topics of today, so trends have something to show.
    today = rng.sample(sorted(by_name), k=3)
    said: set[str] = set()
    used: Counter[str] = Counter()
    found: list[DemoPost] = []
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
        found.append(DemoPost(author=author, text=text, at=at, topic=topic))
    return found


def read_corpus(
    path: Path, members: list[DemoMember], *, now: datetime, rng: random.Random
) -> list[DemoPost]:
    """Read one post per line. "@user", which such corpora have for every mention, becomes a random member."""
    texts = [
        unescape(line).strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    texts = [text for text in texts if text]
    moments = sorted(_moment(now, rng) for _ in texts)
    names = [topic["name"] for topic in topics()]
    # Members post about their interests, here too.
    weights = {
        name: [(0.4 + min(member.pull, 6)) * (0.02 + member.interests.get(name, 0)) for member in members]
        for name in names
    }

    def random_mention(match: re.Match[str]) -> str:
        return f"@{members[rng.randrange(len(members))].username}"

    posts = []
    for text, at in zip(texts, moments, strict=True):
        topic = _topic_of(text, names)
        author = rng.choices(range(len(members)), weights[topic])[0]
        posts.append(
            DemoPost(author=author, text=re.sub(r"@user\b", random_mention, text), at=at, topic=topic)
        )
    return posts


def with_replies(
    posts: list[DemoPost], members: list[DemoMember], *, now: datetime, rng: random.Random
) -> list[DemoPost]:
    """Return the posts with short conversations under a third of them. Parents come before their replies."""
    result = list(posts)
    for index, post in enumerate(posts):
        if rng.random() > 0.3:
            continue
        for _ in range(min(int(rng.paretovariate(1.4)), 8)):
            result += _replies(post, index, len(result), members, now=now, rng=rng)
    return result


def _replies(
    post: DemoPost,
    index: int,
    next_index: int,
    members: list[DemoMember],
    *,
    now: datetime,
    rng: random.Random,
) -> list[DemoPost]:
    """Return a reply and, if it asks something, perhaps the author’s reply; empty if it would be in the future."""
    templates = source()["replies"]
    author = _choose_replier(post, members, rng)
    at = post.at + timedelta(minutes=rng.expovariate(1 / 90) + 1)
    if author == post.author or at > now:
        return []
    kind = rng.choice([kind for kind in templates if kind != "answer"])
    text = fill_slots(rng.choice(templates[kind]), {}, rng)
    replies = [DemoPost(author=author, text=text, at=at, topic=post.topic, reply_to=index)]
    answered_at = at + timedelta(minutes=rng.expovariate(1 / 40) + 1)
    if kind == "ask" and rng.random() < 0.7 and answered_at < now:
        answer = fill_slots(rng.choice(templates["answer"]), {}, rng)
        replies.append(
            DemoPost(author=post.author, text=answer, at=answered_at, topic=post.topic, reply_to=next_index)
        )
    return replies


def add_reactions(
    posts: list[DemoPost], members: list[DemoMember], follows: list[tuple[int, int]], *, rng: random.Random
) -> None:
    """Add viewers and likers to each post, drawn by interest, by follows, and by how often its author is read.

    A ranker that is trained on the demo must learn these preferences.
    """
    followers: dict[int, list[int]] = {}
    for follower, followee in follows:
        followers.setdefault(followee, []).append(follower)
    for post in posts:
        audience = set(rng.sample(followers.get(post.author, []), k=len(followers.get(post.author, [])) // 2))
        audience.update(rng.sample(range(len(members)), k=min(4, len(members))))
        audience.discard(post.author)
        for viewer in sorted(audience):
            post.viewers.append(viewer)
            interest = members[viewer].interests.get(post.topic, 0.0)
            if rng.random() < 0.04 + 0.45 * interest + (0.06 if post.reply_to is None else 0.0):
                post.likers.append(viewer)


Conversation = list[tuple[bool, str]]


def conversations(members: Sequence[M]) -> list[tuple[M, Conversation]]:
    """Return conversations with the demo member: whether it is the demo member who writes, and what."""
    return list(zip(members, source()["conversations"], strict=False))


def reported_posts(members: Sequence[M]) -> list[tuple[M, M, str, str, str]]:
    """Return posts for the moderators: author, reporter, text, rule and the reporter’s comment."""
    rows = source()["reported_posts"]
    return [
        (members[i], members[i + len(rows)], row["text"], row["rule"], row["comment"])
        for i, row in enumerate(rows)
        if i + len(rows) < len(members)
    ]


def _choose_replier(post: DemoPost, members: list[DemoMember], rng: random.Random) -> int:
    weights = [0.1 + member.interests.get(post.topic, 0.0) for member in members]
    return rng.choices(range(len(members)), weights)[0]


def _sentence(topic: dict[str, Any], used: Counter[str], rng: random.Random) -> str:
    """Return a sentence on the topic from a template that has been used little so far."""
    template = min(rng.sample(topic["posts"], k=20), key=lambda t: used[t])
    used[template] += 1
    return fill_slots(template, topic, rng)


def _topic_of(text: str, names: list[str]) -> str:
    """Choose a topic by the first hashtag or else the longest word, as a corpus doesn’t say what it is about.

    Posts that share it share a topic, so what a member likes can be learned from words.
    """
    tags = re.findall(r"#(\w+)", text.casefold())
    words = re.findall(r"\w+", text.casefold())
    subject = tags[0] if tags else max(words, key=len, default="")
    return names[crc32(subject.encode()) % len(names)]


def _moment(now: datetime, rng: random.Random) -> datetime:
    """Choose a time of the last `SPAN`, more often a recent one, and more often by day."""
    while True:
        back = min(rng.expovariate(1 / (SPAN.days / 3)), SPAN.days)
        at = now - timedelta(days=back, seconds=rng.random() * 3600)
        if FIRST_HOUR <= at.hour <= LAST_HOUR or rng.random() < 0.2:
            return at
