"""The home feed: posts by followees, those that they repost, and posts with followed hashtags, strictly newest first
and complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, Exists, OuterRef, Value

from accounts.models import Member
from core.pages import PAGE_SIZE, Page
from feed.queries.chronological import (
    ChronologicalFeed,
    Ids,
    before_of_cursor,
    either,
    latest_by_source,
    load_page,
    replies_to_followed,
    without_reposted,
)
from posts.models import Post, PostTag, Tag, TagFollow
from posts.muting import exclude_muted_authors, filtered_page
from posts.queries.reposts import reposters_for_home, reposts_for_home
from social.models import Follow, List
from social.queries import followee_ids
from social.queries.lists import excluded_from_home


def following_timeline(viewer: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Post]:
    """Return a page of posts by the viewer and their followees, of posts that these have reposted, and of posts with
    hashtags they follow, each once, at the newest of the post and its reposts (decision 46).

    A reply is shown only if its parent is by one of them too; a hashtag brings no replies. Members of the viewer’s
    exclusive lists and what the viewer has muted are left out. Raise Invalid for a bad cursor.
    """
    rules = _home_rules(viewer)
    return filtered_page(lambda at, n: _page(viewer, rules, at, n), viewer, "home", cursor=cursor, size=size)


@dataclass(frozen=True)
class _HomeRules:
    """Which rules apply to a viewer. Most follow no hashtags and exclude no one, and need no queries for it."""

    tags: list[int]
    excluded: Ids | None


def _home_rules(viewer: Member) -> _HomeRules:
    """Read them in one query."""
    followed = TagFollow.objects.filter(member=viewer).values_list(Value("tag", CharField()), "tag_id")
    exclusive = List.objects.filter(owner=viewer, is_exclusive=True)
    rows = list(followed.union(exclusive.values_list(Value("list", CharField()), "id"), all=True))
    excluded = excluded_from_home(viewer) if any(kind == "list" for kind, _ in rows) else None
    return _HomeRules([tag_id for kind, tag_id in rows if kind == "tag"], excluded)


def _page(viewer: Member, rules: _HomeRules, cursor: str | None, size: int) -> Page[Post]:
    before = before_of_cursor(cursor)
    feed = ChronologicalFeed(
        viewer=viewer,
        authors=followee_ids(viewer).order_by(),
        author_count=viewer.following_count,
        replies=replies_to_followed(viewer),
        excluded=rules.excluded,
        include_viewer=True,
        reposters=reposters_for_home(viewer),
        reposts=reposts_for_home(viewer),
    )
    by_people = either(feed.newest_ids(before, size + 1), feed.reposted_ids(before, size + 1))
    if not rules.tags:
        return load_page(by_people, viewer, size, reposts=feed.reposts)
    # Two queries, merged here: as one, it takes the ORM three times as long to build as the database to answer.
    ids = [*by_people, *_newest_tagged_ids(viewer, rules, before, size + 1)]
    return load_page(ids, viewer, size, reposts=feed.reposts)


def followed_tags_of(viewer: Member, posts: Sequence[Post]) -> dict[int, Tag]:
    """Return, of these posts, those in the home feed only for a followed hashtag: post id → hashtag. One query."""
    ids = [
        post.id
        for post in posts
        if post.author_id != viewer.pk and not post.is_reply and not post.newest_repost
    ]
    if not ids:
        return {}
    followed = Follow.objects.by(viewer).filter(followee=OuterRef("post__author_id"))
    carried = PostTag.objects.filter(post__in=ids, tag__followers__member=viewer).filter(~Exists(followed))
    return {row.post_id: row.tag for row in carried.select_related("tag").order_by("-tag_id")}


def _newest_tagged_ids(viewer: Member, rules: _HomeRules, before: int | None, size: int) -> Ids:
    """Return the latest ids of each followed hashtag by the index (tag, -post), then the newest of all, each once."""
    readable = exclude_muted_authors(Post.objects.visible_to(viewer).listed().originals(), viewer)
    readable = without_reposted(readable, reposts_for_home(viewer))
    shown = readable.filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    if rules.excluded is not None:
        shown = shown.exclude(author__in=rules.excluded)
    carried = PostTag.objects.filter(Exists(shown), tag=OuterRef("pk"))
    if before is not None:
        carried = carried.filter(post__lt=before)
    latest = carried.order_by("-post").values("post")[:size]
    return latest_by_source(Tag.objects.filter(pk__in=rules.tags), latest, path="posts__post").distinct()[
        :size
    ]
