"""What cards show beyond the columns of a post: the viewer’s likes, reposts, bookmarks, attachments, muted words …"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from accounts.models import Block, Member
from media.models import Attachment
from media.queries import attachments_of
from posts.models import Bookmark, Like, Mention, Post, Repost, visible
from posts.queries.links import LinkPreview, link_cards
from posts.queries.polls import ShownPoll, polls_of
from posts.queries.replying import may_reply
from posts.queries.reposts import NAMED_MAX, Reposter, Reposters, reposts_for_home
from posts.quoting import Quoted, load_quoted
from social.models import Follow


@dataclass(frozen=True, slots=True)
class Marks:
    """How some posts relate to one viewer."""

    liked: frozenset[int] = field(default_factory=frozenset)
    """The ids of the posts that the viewer likes."""
    bookmarked: frozenset[int] = field(default_factory=frozenset)
    reposted: frozenset[int] = field(default_factory=frozenset)
    """The ids of the posts that the viewer has reposted."""
    hidden_parents: frozenset[int] = field(default_factory=frozenset)
    """The ids of the posts replied to that are hidden from the viewer: a reply must not reveal which post it is, or
    whose. Deleted posts aren’t included.
    """
    polls: Mapping[int, ShownPoll] = field(default_factory=dict)
    """For each post with a poll, by id: its poll."""
    quotes: Mapping[int, Quoted] = field(default_factory=dict)
    """For each post that quotes another, by id: what it shows of it."""
    followed: frozenset[int] = field(default_factory=frozenset)
    """Of the authors whose posts only followers may quote or reply to, the ids of those whom the viewer follows."""
    no_replies: frozenset[int] = field(default_factory=frozenset)
    """The ids of the posts to which the viewer, a member, may not reply because of their reply policy."""
    reposters: Mapping[int, Reposters] = field(default_factory=dict)
    """For each post that is in the list because of reposts, by id: by whom."""
    filtered_words: Mapping[int, str] = field(default_factory=dict)
    """For each post to be shown behind a warning, by id: the muted word (or "@name") that it is for."""
    media: Mapping[int, list[Attachment]] = field(default_factory=dict)
    """The attachments of each post that has some, by its id."""
    link_cards: Mapping[int, LinkPreview] = field(default_factory=dict)
    """The link cards that the viewer may see, by their own ids."""


def viewer_marks(posts: Iterable[Post], viewer: Member | None) -> Marks:
    """Return the marks of these posts, read `with_card_fields()`, for `viewer`.

    Takes one query, none for a guest or an empty list; and one more each if any post has a poll, attachments or a link
    card, or quotes another. Quoted posts have marks, too.
    """
    posts = list(posts)
    load_quoted(posts, viewer)
    quotes = {post.id: post.quoted for post in posts if post.quoted is not None}
    posts += [quoted.post for quoted in quotes.values() if quoted.post is not None]
    parents = {post.in_reply_to.id: post.in_reply_to for post in posts if post.in_reply_to is not None}
    ids = [post.id for post in posts if post.media_count]
    reposters = {post.id: post.reposters for post in posts if post.reposters is not None}
    found: Mapping[str, Set[int]] = {}
    no_replies: frozenset[int] = frozenset()
    if viewer is not None and posts:
        others = [parent for parent in parents.values() if parent.author_id != viewer.pk]
        found, reposters_at_home = _relations_to(posts, others, viewer)
        reposters |= reposters_at_home
        no_replies = _closed_to(posts, viewer, found)
    return Marks(
        liked=frozenset(found.get("liked", ())),
        bookmarked=frozenset(found.get("bookmarked", ())),
        reposted=frozenset(found.get("reposted", ())),
        followed=frozenset(found.get("followed", ())),
        hidden_parents=_hidden(parents.values(), viewer, found),
        no_replies=no_replies,
        polls=polls_of(posts, viewer),
        quotes=quotes,
        reposters=reposters,
        filtered_words={post.id: post.filtered_word for post in posts if post.filtered_word},
        media=attachments_of(ids) if ids else {},
        link_cards=link_cards(posts, viewer),
    )


def _relations_to(
    posts: Collection[Post], others: Collection[Post], viewer: Member
) -> tuple[Mapping[str, Set[int]], Mapping[int, Reposters]]:
    """Return, read in one query, the ids of the posts that are "liked", "bookmarked" and "reposted"; for these parents
    by others, of the authors who are "blocked" either way and, where it matters, "followed", and of those in which the
    viewer is "named". The last two also for posts whose replies are limited. And who has reposted the posts that the
    viewer's home shows for it.
    """
    ids = [post.id for post in posts]
    authors = {parent.author for parent in others}
    queries: list[tuple[str, QuerySet[Any], str]] = [
        ("liked", Like.objects.filter(member=viewer, post_id__in=ids), "post_id"),
        ("bookmarked", Bookmark.objects.filter(member=viewer, post_id__in=ids), "post_id"),
        ("reposted", Repost.objects.filter(member=viewer, post_id__in=ids), "post_id"),
    ]
    if authors:
        queries += [
            ("blocked", Block.objects.filter(blocker=viewer, blocked__in=authors), "blocked_id"),
            ("blocked", Block.objects.filter(blocked=viewer, blocker__in=authors), "blocker_id"),
        ]
    limited = {parent.author_id for parent in others if _needs_follow(parent)}
    limited |= {
        post.author_id
        for post in posts
        if Post.ReplyPolicy.FOLLOWERS in (post.reply_policy, post.quote_policy)
    }
    if limited:
        queries.append(("followed", Follow.objects.by(viewer).filter(followee__in=limited), "followee_id"))
    named = {parent.id for parent in others if parent.visibility == Post.Visibility.MENTIONED}
    named |= {post.id for post in posts if post.reply_policy == Post.ReplyPolicy.MENTIONED}
    if named:
        queries.append(("named", Mention.objects.filter(member=viewer, post__in=named), "post_id"))
    selected = [
        rows.values_list(Value(kind, CharField()), column, *_NO_REPOSTER) for kind, rows, column in queries
    ]
    if shared := [post.id for post in posts if post.newest_repost and post.reposters is None]:
        selected.append(_reposters_at_home(shared, viewer))
    found: defaultdict[str, set[int]] = defaultdict(set)
    reposters: defaultdict[int, dict[int, Reposter]] = defaultdict(dict)
    totals: dict[int, int] = {}
    first, *rest = selected
    for kind, row_id, place, total, member_id, username, name in first.union(*rest, all=True):
        if kind == "reposter":
            reposters[row_id][place] = Reposter(member_id, username, name or username)
            totals[row_id] = total
        else:
            found[kind].add(row_id)
    return found, {
        post_id: Reposters([person for _, person in sorted(people.items())], totals[post_id])
        for post_id, people in reposters.items()
    }


_NO_REPOSTER = (
    Value(0, BigIntegerField()),
    Value(0, BigIntegerField()),
    Value(0, BigIntegerField()),
    Value("", CharField()),
    Value("", CharField()),
)


def _reposters_at_home(post_ids: Collection[int], viewer: Member) -> "QuerySet[Any]":
    """Return, for each of these posts, the first few who have reposted it for the viewer, and how many there are."""
    rows = reposts_for_home(viewer).filter(post__in=post_ids)
    counted = rows.annotate(
        place=Window(RowNumber(), partition_by=F("post"), order_by=F("id").desc()),
        total=Window(Count("id"), partition_by=F("post")),
    )
    return counted.filter(place__lte=NAMED_MAX).values_list(
        Value("reposter", CharField()),
        "post_id",
        "place",
        "total",
        "member_id",
        "member__username",
        "member__display_name",
    )


def _hidden(
    parents: Iterable[Post], viewer: Member | None, relations: Mapping[str, Set[int]]
) -> frozenset[int]:
    return frozenset(parent.id for parent in parents if _is_hidden(parent, viewer, relations))


def _closed_to(posts: Iterable[Post], viewer: Member, relations: Mapping[str, Set[int]]) -> frozenset[int]:
    followed, named = relations.get("followed", ()), relations.get("named", ())
    return frozenset(
        post.id
        for post in posts
        if post.reply_policy != Post.ReplyPolicy.EVERYONE
        and not may_reply(post, viewer, follows=post.author_id in followed, is_named=post.id in named)
    )


def _needs_follow(post: Post) -> bool:
    """Return whether others read the post only as followers of its author."""
    if post.visibility == Post.Visibility.MENTIONED:
        return False
    return post.author.is_private or not post.is_for_everyone


def _is_hidden(post: Post, viewer: Member | None, relations: Mapping[str, Set[int]]) -> bool:
    """Apply the rule of `posts.models.visible` to a post that is loaded already."""
    author = post.author
    if (viewer is not None and post.author_id == viewer.pk) or post.state == Post.State.DELETED:
        return False
    return (
        not post.is_published
        or not author.is_active
        or (_needs_follow(post) and author.pk not in relations.get("followed", ()))
        or (post.visibility == Post.Visibility.MENTIONED and post.pk not in relations.get("named", ()))
        or author.pk in relations.get("blocked", ())
    )


def visible_root_ids(posts: Iterable[Post], viewer: Member | None) -> Set[int]:
    """Return the ids of the root posts of these replies' threads that are visible to `viewer` or deleted.

    Takes no query where all are root posts or direct replies to one.
    """
    roots = {post.root_id for post in posts if post.root_id != post.in_reply_to_id}
    shown = visible(viewer) | Q(state=Post.State.DELETED)
    return set(Post.objects.filter(shown, pk__in=roots).values_list("id", flat=True)) if roots else set()
