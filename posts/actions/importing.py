"""Import many past posts at once.

Nothing is emitted, notified or reviewed. Rebuild the read models afterwards (`manage.py reindex`, `manage.py trends`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from core.counters import fix_all
from core.ids import id_at
from core.text import clean, hashtags, mentions
from posts.actions.polls import create_poll
from posts.actions.writing import set_media
from posts.counters import COUNTERS
from posts.models import Like, Mention, Post, PostTag, Tag, Vote
from posts.polls import PollOptions
from posts.text import render_html

CHUNK = 1000


@dataclass(frozen=True)
class ImportedPost:
    """`id` comes from core.ids.id_at, so that it sorts by `at`. Import a post before its replies."""

    id: int
    author_id: int
    text: str
    at: datetime
    in_reply_to_id: int | None = None
    root_id: int | None = None
    visibility: str = Post.Visibility.PUBLIC
    content_warning: str = ""
    sensitive: bool = False
    language: str = ""
    reply_policy: str = Post.ReplyPolicy.EVERYONE


def import_posts(posts: Iterable[ImportedPost]) -> int:
    """Create published posts with their tags and mentions. Return how many. Call `recount_posts` afterwards."""
    members = dict(Member.objects.filter(is_active=True).values_list("username", "id"))
    tag_ids = dict(Tag.objects.values_list("name", "id"))
    rows: list[Post] = []
    tags: dict[str, str] = {}
    tagged: list[tuple[int, str]] = []
    mentioned: list[Mention] = []
    for item in posts:
        text = clean(item.text)
        if not text:
            continue
        known = {name: members[name] for name in mentions(text) if name in members}
        rows.append(
            Post(
                id=item.id,
                author_id=item.author_id,
                text=text,
                html=render_html(text, known),
                in_reply_to_id=item.in_reply_to_id,
                root_id=item.root_id,
                visibility=item.visibility,
                content_warning=item.content_warning,
                sensitive=item.sensitive,
                language=item.language,
                reply_policy=item.reply_policy,
                state=Post.State.PUBLISHED,
                created_at=item.at,
                published_at=item.at,
            )
        )
        mentioned += [Mention(post_id=item.id, member_id=member_id) for member_id in known.values()]
        for name, label in hashtags(text).items():
            tags.setdefault(name, label)
            tagged.append((item.id, name))
    with transaction.atomic():
        new = sorted(tags.keys() - tag_ids.keys())
        Tag.objects.bulk_create([Tag(name=n, label=tags[n]) for n in new], CHUNK, ignore_conflicts=True)
        if new:
            tag_ids = dict(Tag.objects.values_list("name", "id"))
        Post.objects.bulk_create(rows, CHUNK)
        Mention.objects.bulk_create(mentioned, CHUNK, ignore_conflicts=True)
        PostTag.objects.bulk_create(
            [PostTag(post_id=post_id, tag_id=tag_ids[name]) for post_id, name in tagged],
            CHUNK,
            ignore_conflicts=True,
        )
    return len(rows)


@dataclass(frozen=True)
class ImportedPoll:
    """The poll of an imported post, with its votes: member → indexes of the chosen options."""

    post_id: int
    poll: PollOptions
    expires_at: datetime
    votes: Mapping[int, Sequence[int]]


def import_polls(polls: Iterable[ImportedPoll]) -> None:
    """Create polls with their votes. Nobody is told of those that have ended. Call `recount_posts` afterwards."""
    for item in polls:
        with transaction.atomic():
            post = Post.objects.get(pk=item.post_id)
            poll = create_poll(post, item.poll)
            ended = item.expires_at <= timezone.now()
            poll.expires_at = poll.due_at = item.expires_at
            poll.told_at = item.expires_at if ended else None
            poll.save()
            Post.objects.filter(pk=post.pk).update(poll_text=item.poll.text)
            options = {option.index: option for option in poll.options.all()}
            Vote.objects.bulk_create(
                Vote(poll=poll, option=options[index], member_id=member_id, place=place)
                for member_id, choices in item.votes.items()
                for place, index in enumerate(choices)
            )


def import_media(*, post_id: int, ids: Sequence[int]) -> None:
    """Make these the attachments of an imported post by their owner."""
    with transaction.atomic():
        post = Post.objects.select_related("author").get(pk=post_id)
        set_media(post, ids, post.author)


def import_likes(likes: Sequence[tuple[int, int, datetime]]) -> None:
    """Create likes (post, member, when). Call `recount_posts` afterwards."""
    with transaction.atomic():
        Like.objects.bulk_create(
            [Like(id=id_at(at), post_id=post_id, member_id=member_id) for post_id, member_id, at in likes],
            CHUNK,
            ignore_conflicts=True,
        )


def recount_posts() -> int:
    """Correct the counters of posts and authors. Return how many values were wrong."""
    return fix_all(COUNTERS)
