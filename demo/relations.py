"""How the demo members relate to each other beyond follows. Nothing is written here."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from demo.members import DemoMember
from demo.source import source, topics

Pairs = list[tuple[int, int]]


@dataclass
class DemoRelations:
    """Indexes into the list of members, of which the first is the demo member. Lists, hashtags and words are theirs."""

    private: list[int]
    requests: Pairs
    """(requester, member)."""
    blocks: Pairs
    mutes: Pairs
    lists: list[tuple[str, list[int]]]
    followed_tags: list[str]
    muted_words: list[tuple[str, str]]
    """(word, phrase or #hashtag, whether its posts are hidden or get a warning)."""


def relations(members: list[DemoMember], follows: Pairs, *, rng: random.Random) -> DemoRelations:
    """Choose private accounts, requests, blocks, mutes, and the demo member’s lists, hashtags and muted words."""
    following: dict[int, list[int]] = {i: [] for i in range(len(members))}
    for follower, followee in follows:
        following[follower].append(followee)
    strangers = [i for i in range(1, len(members)) if i not in following[0]]
    # One that the demo member follows and one that they request to follow, neither of them popular.
    private = [min(group, key=lambda i: members[i].pull) for group in (following[0], strangers) if group]
    requests = _requests(private, strangers, following, rng)
    blocks = _blocks(strangers, requests)
    return DemoRelations(
        private=private,
        requests=requests,
        blocks=blocks,
        mutes=_mutes(members, following, private, rng),
        lists=_lists(members, following[0], {blocked for _, blocked in blocks}),
        followed_tags=[topic["tags"][0] for topic in _topics_of(members[0])],
        muted_words=_muted_words(members[0]),
    )


def _requests(
    private: list[int], strangers: list[int], following: Mapping[int, list[int]], rng: random.Random
) -> Pairs:
    """Let the demo member send a request, and up to three members the demo member and each private account."""
    requests = [(0, i) for i in private if i in strangers]
    for asked in [0, *private]:
        outside = [
            i
            for i in range(1, len(following))
            if i != asked and asked not in following[i] and i not in private
        ]
        requests += [(i, asked) for i in rng.sample(outside, k=min(3, len(outside)))]
    return requests


def _blocks(strangers: list[int], requests: Pairs) -> Pairs:
    """Let the demo member block two members without requests, and others each other."""
    requesting = {i for pair in requests for i in pair}
    free = [i for i in strangers if i not in requesting]
    blocks = [(0, i) for i in free[-2:]]
    pairs = zip(free[0:4:2], free[1:4:2], strict=False)
    return blocks + [pair for pair in pairs if not set(pair) & set(free[-2:])]


def _mutes(
    members: list[DemoMember], following: Mapping[int, list[int]], private: list[int], rng: random.Random
) -> Pairs:
    """Let the demo member mute two of their most popular followees, and others a followee of theirs."""
    popular = sorted(set(following[0]) - set(private), key=lambda i: -members[i].pull)
    mutes = [(0, i) for i in popular[1:3]]
    for i in rng.sample(range(1, len(members)), k=min(6, len(members) - 1)):
        mutes.append((i, rng.choice(following[i])))
    return mutes


def _lists(
    members: list[DemoMember], followees: list[int], blocked: Collection[int]
) -> list[tuple[str, list[int]]]:
    """Return a list of followees, and one of members who share the demo member’s most common interest."""
    sharing = {
        topic: [i for i in range(1, len(members)) if topic in members[i].interests]
        for topic in members[0].interests
    }
    favourite = max(sharing, key=lambda topic: len(sharing[topic]))
    title = next(topic["phrase"] for topic in topics() if topic["name"] == favourite)
    return [
        ("Close friends", [i for i in followees if i not in blocked][:5]),
        (title.capitalize(), [i for i in sharing[favourite] if i not in blocked][:9]),
    ]


def _topics_of(member: DemoMember) -> list[dict[str, list[str]]]:
    by_name = {topic["name"]: topic for topic in topics()}
    return [by_name[name] for name in member.interests]


def _muted_words(member: DemoMember) -> list[tuple[str, str]]:
    other = next(topic for topic in topics() if topic["name"] not in member.interests)
    return [
        (f"#{other['tags'][1]}", "hide"),
        ("spoiler", "warn"),
        (str(source()["people"][0]["folk"][0]), "warn"),
    ]
