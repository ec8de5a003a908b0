"""A member's posts, likes, reposts, bookmarks and mentions, for their data export (config/exports.py).

Posts by others are included only as far as the member can see them now.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records
from core.db import in_chunks
from core.ids import time_of
from core.translatable import translate_stored
from posts.models import (
    Bookmark,
    Draft,
    Like,
    Mention,
    Post,
    PostRevision,
    PostTag,
    Repost,
    TagFollow,
    ThreadMute,
    Vote,
)
from posts.queries import ShownPoll, polls_of


def posts(member: Member) -> Iterator[Part]:
    yield Records("posts", _("Your posts and replies"), _posts(member))
    yield Records("drafts", _("Your drafts and scheduled posts"), _drafts(member))


def activity(member: Member) -> Iterator[Part]:
    yield Records("likes", _("Your likes"), _reactions(member, Like.objects.filter(member=member)))
    yield Records("reposts", _("Your reposts"), _reactions(member, Repost.objects.filter(member=member)))
    yield Records(
        "bookmarks", _("Your bookmarks"), _reactions(member, Bookmark.objects.filter(member=member))
    )
    yield Records("votes", _("Your votes in polls"), _votes(member))
    yield Records("mentions", _("Posts that mention you"), _mentions(member))
    yield Records("followed_tags", _("Hashtags you follow"), _tags(member))
    yield Records("muted_threads", _("Conversations you’ve muted"), _threads(member))


def _posts(member: Member) -> Iterator[Record]:
    own = Post.objects.by_author(member).exclude(state=Post.State.DELETED)
    for chunk in in_chunks(own):
        ids = [post.pk for post in chunk]
        tags: dict[int, list[str]] = {}
        for post_id, label in PostTag.objects.filter(post__in=ids).values_list("post_id", "tag__label"):
            tags.setdefault(post_id, []).append(label)
        earlier: dict[int, list[dict[str, Any]]] = {}
        for revision in PostRevision.objects.filter(post__in=ids).order_by("pk"):
            earlier.setdefault(revision.post_id, []).append(
                {
                    "text": revision.text,
                    "poll": revision.poll_text.splitlines(),
                    "content_warning": revision.content_warning,
                    "media": revision.media,
                    "written_at": revision.written_at,
                }
            )
        polls = polls_of(chunk, member)
        for post in chunk:
            yield {
                "id": str(post.pk),
                "url": f"{settings.SITE_URL}/@{member.username}/{post.pk}",
                "text": post.text,
                "visibility": post.visibility,
                "content_warning": post.content_warning,
                "sensitive": post.sensitive,
                "language": post.language,
                "reply_policy": post.reply_policy,
                "quote_policy": post.quote_policy,
                "state": post.state,
                "why": translate_stored(post.state_reason),
                "in_reply_to": str(post.in_reply_to_id) if post.in_reply_to_id else None,
                "quote_of": str(post.quote_of_id) if post.quote_of_id else None,
                "tags": tags.get(post.pk, []),
                "written_at": post.created_at,
                "published_at": post.published_at,
                "edited_at": post.edited_at,
                "pinned_at": post.pinned_at,
                "likes": post.likes_count,
                "replies": post.replies_count,
                "reposts": post.reposts_count,
                "quotes": post.quotes_count,
                "bookmarks": post.bookmarks_count,
                "views": post.views_count,
                "poll": _poll(polls.get(post.pk)),
                "earlier_wordings": earlier.get(post.pk, []),
            }


def _poll(poll: ShownPoll | None) -> dict[str, Any] | None:
    if poll is None:
        return None
    return {
        "options": [{"text": option.text, "votes": option.votes} for option in poll.options],
        "multiple": poll.multiple,
        "expires_at": poll.expires_at,
        "voters": poll.voters_count,
    }


def _drafts(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Draft.objects.visible_to(member)):
        for draft in chunk:
            yield {
                "posts": draft.posts,
                "in_reply_to": str(draft.parent_id) if draft.parent_id else None,
                "written_at": draft.created_at,
                "changed_at": draft.updated_at,
                "scheduled_at": draft.scheduled_at,
                "not_sent_because": draft.failure,
            }


def _reactions(member: Member, rows: Any) -> Iterator[Record]:
    for chunk in in_chunks(rows):
        shown = _shown(member, [row.post_id for row in chunk])
        for row in chunk:
            yield {"post": str(row.post_id), "at": time_of(row.pk), **shown.get(row.post_id, {})}


def _votes(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Vote.objects.filter(member=member).select_related("option")):
        shown = _shown(member, [row.poll_id for row in chunk])
        for row in chunk:
            seen = shown.get(row.poll_id)
            yield {
                "post": str(row.poll_id),
                "at": time_of(row.pk),
                **({**seen, "choice": row.option.text} if seen else {}),
            }


def _mentions(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Mention.objects.filter(member=member)):
        shown = _shown(member, [row.post_id for row in chunk])
        for row in chunk:
            if row.post_id in shown:
                yield {"post": str(row.post_id), **shown[row.post_id]}


def _tags(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(TagFollow.objects.filter(member=member).select_related("tag")):
        for row in chunk:
            yield {"tag": row.tag.label, "since": time_of(row.pk)}


def _threads(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(ThreadMute.objects.filter(member=member)):
        shown = _shown(member, [row.root_id for row in chunk])
        for row in chunk:
            yield {"post": str(row.root_id), "since": time_of(row.pk), **shown.get(row.root_id, {})}


def _shown(member: Member, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return URL, author and text of those posts that the member can see."""
    found = Post.objects.visible_to(member).filter(pk__in=ids).values_list("pk", "author__username", "text")
    return {
        post_id: {"url": f"{settings.SITE_URL}/@{author}/{post_id}", "by": author, "text": text}
        for post_id, author, text in found
    }
