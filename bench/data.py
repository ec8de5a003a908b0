"""The community for the benchmark: created by bulk imports, the same for the same seed.

`python -m bench.data OPTIONS.json PLAN.json` fills the database and writes the plan: sessions and requests.
"""

from __future__ import annotations

import html
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import django

SPAN = timedelta(days=14)
REPLIES = 0.25
LIKES_EACH = 4
AUTHORS, FOLLOWED = 0.8, 0.9
"""Exponents of the power laws for posts per author and followers per member."""
SPREAD_LIKES = 8000
PRIVATE = 0.05
"""Share of the authors."""
BLOCKS, MUTES, WORDS = 5, 5, 20
"""Numbers for each viewer behind walls (with blocks and mutes)."""


def cumulative_power_law(count: int, exponent: float, rng: random.Random) -> list[float]:
    """Return cumulative weights of 1/rank^exponent, with ranks in random order."""
    weights = [(rank + 1) ** -exponent for rank in range(count)]
    rng.shuffle(weights)
    return list(accumulate(weights))


def draw_follows(members: int, each: int, rng: random.Random) -> list[tuple[int, int]]:
    """Return pairs of follower and followee: `each` on average, with few members who follow or are followed by many."""
    cumulative = cumulative_power_law(members, FOLLOWED, rng)
    most = max(1, (members - 1) // 2)
    pairs: list[tuple[int, int]] = []
    for follower in range(members):
        # A Pareto distribution of 1.6 has the mean 1.6 / 0.6.
        wanted = max(1, min(most, round(rng.paretovariate(1.6) * each * 0.6 / 1.6)))
        chosen: set[int] = set()
        while len(chosen) < wanted:
            chosen.update(rng.choices(range(members), cum_weights=cumulative, k=wanted - len(chosen)))
            chosen.discard(follower)
        pairs += [(follower, followee) for followee in sorted(chosen)]
    return pairs


def read_texts(corpus: str | None, count: int, rng: random.Random) -> list[str]:
    """Return `count` texts: the lines of a file, otherwise posts of the demo; repeated if there are too few."""
    if corpus:
        lines = Path(corpus).read_text(encoding="utf-8", errors="replace").splitlines()
        # Corpora of tweets replace every mention with "@user".
        texts = [re.sub(r"@user\b", "@m0", html.unescape(line)).strip() for line in lines]
    else:
        from django.utils import timezone

        from demo.members import generate_members
        from demo.posts import generate_posts

        now = timezone.now()
        members = generate_members(60, now=now, rng=rng)
        posts = generate_posts(members, min(count, 3000), now=now, rng=rng)
        texts = [re.sub(r"@\w+", "@m0", post.text) for post in posts]
    texts = [text for text in texts if text]
    rng.shuffle(texts)
    return [texts[i % len(texts)] for i in range(count)]


@dataclass
class Community:
    """What was imported, by the place of a member or post in its list."""

    members: list[Any]
    private: set[int]
    pairs: list[tuple[int, int]]
    texts: list[str]
    writing: list[float]
    authors: list[int]
    rows: list[Any]
    moments: list[datetime]
    liked: set[tuple[int, int]] = field(default_factory=set)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def path(self, place: int) -> str:
        return f"/@m{self.authors[place]}/{self.rows[place].id}"


def fill(options: dict[str, Any]) -> dict[str, Any]:
    """Write the community. Return the plan: sessions, and the requests of each row."""
    from django.core.management import call_command
    from django.db import connection

    rng = random.Random(options["seed"])
    # A separate generator, so that the community is the same with and without walls and private accounts.
    walls = random.Random(options["seed"])
    community = _import_community(options, rng, walls)
    _import_reactions(community, rng)
    call_command("reindex", verbosity=0)
    call_command("trends", verbosity=0)
    with connection.cursor() as cursor:
        # As autovacuum would have done in a real database.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return _plan(community, options, rng, walls)


def _import_community(options: dict[str, Any], rng: random.Random, walls: random.Random) -> Community:
    from django.utils import timezone

    from posts.actions import import_posts
    from social.actions import import_follows, recount_follows

    now, count, posts = timezone.now(), options["members"], options["posts"]
    private = set(walls.sample(range(count), round(count * PRIVATE)))
    members = _import_members(count, private, now, rng)
    ids = [member.id for member in members]
    begun = now - SPAN
    pairs = draw_follows(count, options["follows"], rng)
    import_follows((ids[a], ids[b], _between(begun, now, rng)) for a, b in pairs)
    recount_follows()

    # A separate generator, because the demo’s use of it depends on the time of day.
    texts = read_texts(options.get("corpus"), posts, random.Random(options["seed"]))
    writing = cumulative_power_law(count, AUTHORS, rng)
    moments = sorted(_between(begun, now, rng) for _ in range(posts))
    authors = rng.choices(range(count), cum_weights=writing, k=posts)
    rows = _draw_posts([ids[author] for author in authors], moments, texts, rng)
    for start in range(0, len(rows), 5000):
        import_posts(rows[start : start + 5000])
    return Community(members, private, pairs, texts, writing, authors, rows, moments)


def _import_reactions(community: Community, rng: random.Random) -> None:
    """Import likes and views."""
    from django.utils import timezone

    from feed.actions.tracking import import_views
    from posts.actions import import_likes, recount_posts

    now, count, moments = timezone.now(), len(community.members), community.moments
    ids, post_ids = [member.id for member in community.members], [row.id for row in community.rows]
    community.liked = {
        (i, rng.randrange(count))
        for i in range(len(post_ids))
        for _ in range(min(count // 4, int(rng.paretovariate(1.4) * LIKES_EACH * 0.4 / 1.4)))
    }
    happened = [(i, by, moments[i] + (now - moments[i]) * rng.random()) for i, by in sorted(community.liked)]
    community.seen = {(i, rng.randrange(count)) for i in range(len(post_ids))} | community.liked
    import_likes([(post_ids[i], ids[by], at) for i, by, at in happened])
    import_views(
        (ids[by], post_ids[i], moments[i] + (now - moments[i]) * 0.5) for i, by in sorted(community.seen)
    )
    recount_posts()


def _plan(
    community: Community, options: dict[str, Any], rng: random.Random, walls: random.Random
) -> dict[str, Any]:
    members, authors, post_ids = community.members, community.authors, [row.id for row in community.rows]
    count, posts = len(members), len(post_ids)
    viewers = rng.sample(range(count), min(options["viewers"], count))
    fresh = _fresh_likes(rng, viewers, authors, community.liked, community.private, posts)
    spread = [next(fresh) for _ in range(min(SPREAD_LIKES, posts * len(viewers) // 4))]
    open_to_all = [i for i in range(posts) if authors[i] not in community.private]
    hot = rng.sample(open_to_all, options["rounds"] + 1)
    seats = {viewer: seat for seat, viewer in enumerate(viewers)}
    told = _likes_of_seats(fresh, seats, options, authors, post_ids)
    place_of = {post_id: place for place, post_id in enumerate(post_ids)}
    parents = {place_of[row.in_reply_to_id] for row in community.rows if row.in_reply_to_id}
    answered = [i for i in sorted(parents) if authors[i] not in community.private]
    words = sorted(
        {word for text in community.texts[:400] for word in re.findall(r"\b[a-zA-Z]{5,12}\b", text)}
    )
    walled = walls.sample(sorted(set(range(count)) - set(viewers) - community.private), options["walled"])
    return {
        "sessions": _sign_in([members[viewer] for viewer in viewers]),
        "walled": _walled_plan(community, walled, answered, words, walls),
        "member_ids": [members[viewer].id for viewer in viewers],
        "profiles": [
            f"/@m{i}" for i in rng.choices(range(count), cum_weights=community.writing, k=len(viewers))
        ],
        "threads": [community.path(i) for i in rng.choices(answered, k=len(viewers))],
        "words": rng.choices(words, k=len(viewers)),
        "likes": [(post_ids[i], seats[by]) for i, by in spread],
        "hot": [
            [
                (post_ids[i], seats[by])
                for by in viewers
                if (i, by) not in community.liked and by != authors[i]
            ]
            for i in hot
        ],
        "told": told,
        "sizes": {
            "members": count,
            "posts": posts,
            "follows": len(community.pairs),
            "likes": len(community.liked),
            "views": len(community.seen),
            "private authors": len(community.private),
            f"viewers who block {BLOCKS}, mute {MUTES} and {WORDS} words": len(walled),
        },
    }


def _likes_of_seats(
    fresh: Iterator[tuple[int, int]],
    seats: dict[int, int],
    options: dict[str, Any],
    authors: list[int],
    post_ids: list[int],
) -> list[tuple[int, int, int]]:
    """Return likes whose authors listen on a socket: post, seat of the author, seat of the one who likes."""
    told: list[tuple[int, int, int]] = []
    while len(told) < options["told"]:
        i, by = next(fresh)
        if seats.get(authors[i], options["sockets"]) < options["sockets"]:
            told.append((post_ids[i], seats[authors[i]], seats[by]))
    return told


def _walled_plan(
    community: Community, walled: list[int], answered: list[int], words: list[str], walls: random.Random
) -> dict[str, Any]:
    blocked = _build_walls(walled, community.members, community.pairs, words, walls)
    threads = [
        next(i for i in walls.sample(answered, len(answered)) if community.authors[i] not in blocked[viewer])
        for viewer in walled
    ]
    return {
        "sessions": _sign_in([community.members[viewer] for viewer in walled]),
        "threads": [community.path(i) for i in threads],
        "words": walls.choices(words, k=len(walled)),
    }


def _import_members(count: int, private: set[int], now: datetime, rng: random.Random) -> list[Any]:
    from django.db import transaction

    from accounts.actions import import_member

    with transaction.atomic():
        return [
            import_member(
                username=f"m{i}",
                joined_at=now - SPAN - timedelta(days=rng.randint(1, 600), seconds=i),
                display_name=f"Member {i}",
                bio="Here to be measured.",
                is_private=i in private,
            )
            for i in range(count)
        ]


def _draw_posts(
    author_ids: Sequence[int], moments: Sequence[datetime], texts: Sequence[str], rng: random.Random
) -> list[Any]:
    """Return posts to import, some of them replies to one of the last 500 posts."""
    from core.ids import id_at
    from posts.actions import ImportedPost

    rows: list[ImportedPost] = []
    for i, at in enumerate(moments):
        post_id = id_at(at, salt=rng.getrandbits(22))
        if rows and post_id <= rows[-1].id:
            post_id = rows[-1].id + 1
        parent = rng.randrange(max(0, i - 500), i) if i and rng.random() < REPLIES else None
        rows.append(
            ImportedPost(
                id=post_id,
                author_id=author_ids[i],
                text=texts[i],
                at=at,
                in_reply_to_id=None if parent is None else rows[parent].id,
                root_id=None if parent is None else rows[parent].root_id or rows[parent].id,
            )
        )
    return rows


def _between(start: datetime, end: datetime, rng: random.Random) -> datetime:
    return start + (end - start) * rng.random()


def _build_walls(
    walled: list[int], members: list[Any], pairs: list[tuple[int, int]], words: list[str], rng: random.Random
) -> dict[int, set[int]]:
    """Let each walled viewer block strangers and mute followees and words, half of which occur in posts.

    Return the ids that each has blocked.
    """
    from social.actions import block_member, mute_member, mute_word

    following: dict[int, list[int]] = {}
    for follower, followee in pairs:
        following.setdefault(follower, []).append(followee)
    blocked: dict[int, set[int]] = {}
    apart = set(walled)
    words = sorted({word.lower() for word in words})
    for viewer in walled:
        by, followees = members[viewer], following.get(viewer, [])
        strangers = [i for i in range(len(members)) if i not in apart and i not in set(followees)]
        blocked[viewer] = set(rng.sample(strangers, min(BLOCKS, len(strangers))))
        for other in sorted(blocked[viewer]):
            block_member(member=members[other], by=by)
        for other in rng.sample(followees, min(MUTES, len(followees))):
            mute_member(member=members[other], by=by)
        written = rng.sample(words, min(WORDS // 2, len(words)))
        for word in [*written, *(f"unwritten{i}" for i in range(WORDS - len(written)))]:
            mute_word(by=by, text=word)
    return blocked


def _fresh_likes(
    rng: random.Random,
    viewers: list[int],
    authors: list[int],
    liked: set[tuple[int, int]],
    private: set[int],
    posts: int,
) -> Any:
    """Yield random pairs of a public post and a viewer who hasn’t liked it and isn’t its author, without repetition."""
    given: set[tuple[int, int]] = set()
    while True:
        pair = (rng.randrange(posts), rng.choice(viewers))
        author = authors[pair[0]]
        if pair not in liked and pair not in given and author != pair[1] and author not in private:
            given.add(pair)
            yield pair


def _sign_in(members: list[Any]) -> list[str]:
    """Create a session for each member, with the keys that allauth writes."""
    import time

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore
    from django.db import transaction

    keys: list[str] = []
    with transaction.atomic():
        for member in members:
            session = SessionStore()
            session[SESSION_KEY] = str(member.pk)
            session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
            session[HASH_SESSION_KEY] = member.get_session_auth_hash()
            session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
            session.save()
            keys.append(str(session.session_key))
    return keys


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[2]).write_text(json.dumps(fill(json.loads(Path(sys.argv[1]).read_text()))))
