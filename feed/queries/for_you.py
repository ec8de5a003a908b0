"""The ranked feed: For you."""

import secrets
from collections import Counter
from collections.abc import Sequence

from django.core.cache import cache
from django.utils import timezone

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, bad_cursor, decode_cursor, encode_cursor, filled
from feed.ranking.candidates import INTERESTS, candidates_for
from feed.ranking.facts import ranking_facts
from feed.ranking.features import Candidate, feature_vector
from feed.ranking.model import predict
from feed.ranking.score import score
from posts.models import Post
from posts.muting import exclude_muted_authors, mute_filter_for

SESSION_SECONDS = 3600
MAX_PER_AUTHOR = 3


def for_you(viewer: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Post]:
    """Return a page of what may interest the viewer most, with at most three posts by one author.

    The whole order is computed with the first page and cached for an hour, so no post appears twice on further pages.
    What the viewer has muted since is left out. If the cache lost the order, a new one is computed.
    Raise Invalid for a bad cursor.
    """
    session, start = ("", 0)
    if cursor:
        session, start = _decode(cursor)
    ids: list[int] | None = cache.get(_key(viewer, session)) if session else None
    if ids is None:
        session, ids = session or secrets.token_urlsafe(9), ranked_ids(viewer, size=size)
        cache.set(_key(viewer, session), ids, SESSION_SECONDS)
    order, mute_filter = ids, mute_filter_for(viewer)

    def fetch(at: str | None, count: int) -> Page[Post]:
        first = _decode(at)[1] if at else start
        shown = order[first : first + count]
        visible = Post.objects.visible_to(viewer).with_card_fields()
        posts = exclude_muted_authors(visible, viewer).in_bulk(shown)
        following = encode_cursor([session, first + count]) if first + count < len(order) else ""
        return Page([posts[i] for i in shown if i in posts], following)

    # What was muted since the order was computed.
    return filled(
        fetch,
        lambda posts: mute_filter.apply(posts, "home"),
        cursor=cursor,
        cursor_of=lambda post: encode_cursor([session, order.index(post.id) + 1]),
        size=size,
    )


def ranked_ids(viewer: Member, *, size: int = PAGE_SIZE) -> list[int]:
    """Return the ids of all candidates, best first, with a limited number by one author on each page."""
    now = timezone.now()
    candidates = candidates_for(viewer, now=now)
    facts = ranking_facts(viewer, candidates, now=now)
    vectors = [
        feature_vector(candidate, viewer_id=viewer.pk, facts=facts, now=now) for candidate in candidates
    ]
    values = predict(vectors) or [score(v) for v in vectors]
    # Of a member without likes and replies, only their chosen interests are known.
    is_new = not facts.tastes[viewer.pk].squares and not facts.affinity
    first = [is_new and candidate.source == INTERESTS for candidate in candidates]
    order = sorted(range(len(candidates)), key=lambda i: (not first[i], -values[i], -candidates[i].id))
    return _limit_per_author([candidates[i] for i in order], size)


def _limit_per_author(ranked: Sequence[Candidate], size: int) -> list[int]:
    """Keep the order, but move an author’s fourth post of a page to the next page."""
    result: list[int] = []
    waiting = list(ranked)
    while waiting:
        page: list[int] = []
        by_author: Counter[int] = Counter()
        later: list[Candidate] = []
        for i, candidate in enumerate(waiting):
            if len(page) == size:
                later += waiting[i:]
                break
            if by_author[candidate.author_id] == MAX_PER_AUTHOR:
                later.append(candidate)
                continue
            by_author[candidate.author_id] += 1
            page.append(candidate.id)
        result += page
        if len(page) < size:
            # Only authors who already have three are left; the list ends here rather than break the rule.
            break
        waiting = later
    return result


def _key(viewer: Member, session: str) -> str:
    return f"feed.for_you.{viewer.pk}.{session}"


def _decode(cursor: str) -> tuple[str, int]:
    session, start = decode_cursor(cursor, 2)
    if (
        not isinstance(session, str)
        or not session.isascii()
        or len(session) > 20
        or not isinstance(start, int)
    ):
        raise bad_cursor()
    if not session.replace("-", "").replace("_", "").isalnum() or not 0 <= start <= 10_000:
        raise bad_cursor()
    return session, start
