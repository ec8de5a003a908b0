"""Erase a member's posts, likes, reposts and bookmarks (config/erasures.py).

A post without replies is deleted with its row. A post with replies leaves an empty row that keeps the thread together,
as when an author deletes it; the row then belongs to the ghost (accounts.actions.ghost).
"""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.actions import ghost, lock_members
from accounts.models import Member
from core.db import delete_some
from core.text import mentions
from media.actions import discard_of_posts
from posts.models import (
    EMPTIED,
    Bookmark,
    Draft,
    Like,
    Mention,
    Poll,
    Post,
    PostRevision,
    PostTag,
    Repost,
    Tag,
    TagFollow,
    Vote,
)
from posts.text import render_html

CHUNK = 200


def erase_posts(member_id: int) -> int:
    """Empty some posts and delete everything attached to them. Return how many.

    Their parents stopped counting them when the account closed.
    """
    with transaction.atomic():
        lock_members(member_id)
        remaining = Post.objects.filter(author_id=member_id).exclude(state=Post.State.DELETED)
        posts = list(_locked(remaining.values_list("pk", flat=True)[:CHUNK]))
        ids = [post.pk for post in posts]
        counted = [post for post in posts if post.is_published and post.is_for_everyone]
        if counted:
            Member.objects.filter(pk=member_id).update(posts_count=F("posts_count") - len(counted))
        for model in (PostRevision, Like, Repost, Bookmark, Mention, PostTag, Poll):
            _of(model, ids).delete()
        discard_of_posts(post_ids=ids)
        Post.objects.filter(pk__in=ids).update(state=Post.State.DELETED, state_reason="", **EMPTIED)
        # The admin log names a post by its first words.
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Post), object_id__in=[str(i) for i in ids]
        ).update(object_repr="Erased post", change_message="")
    return len(ids)


def delete_likes(member_id: int) -> int:
    """Delete some likes. They stopped counting when the account closed."""
    return delete_some(Like.objects.filter(member_id=member_id))


def delete_reposts(member_id: int) -> int:
    """Delete some reposts. They stopped counting when the account closed."""
    return delete_some(Repost.objects.filter(member_id=member_id))


def delete_bookmarks(member_id: int) -> int:
    return delete_some(Bookmark.objects.filter(member_id=member_id))


def delete_votes(member_id: int) -> int:
    return delete_some(Vote.objects.filter(member_id=member_id))


def delete_drafts(member_id: int) -> int:
    return delete_some(Draft.objects.filter(author_id=member_id))


def unlink_mentions(member_id: int) -> int:
    """Remove the links from some mentions of the member. The text stays as others wrote it."""
    with transaction.atomic():
        mentioned = list(Mention.objects.filter(member_id=member_id).order_by("pk")[:CHUNK])
        if not mentioned:
            return 0
        posts = _locked([mention.post_id for mention in mentioned])
        for post in posts:
            Post.objects.filter(pk=post.pk).update(html=_html_without(post.text, member_id))
        for revision in PostRevision.objects.filter(post__in=posts):
            PostRevision.objects.filter(pk=revision.pk).update(html=_html_without(revision.text, member_id))
        Mention.objects.filter(pk__in=[mention.pk for mention in mentioned]).delete()
    return len(mentioned)


def delete_posts(member_id: int) -> int:
    """Delete some rows, newest first, so that the member's own replies to a post are deleted before it."""
    with transaction.atomic():
        posts = list(Post.objects.filter(author_id=member_id).order_by("-pk")[:CHUNK])
        ids = [post.pk for post in posts]
        others = Post.objects.exclude(pk__in=ids)
        answered = set(
            Post.objects.filter(pk__in=ids)
            .filter(
                Exists(others.filter(in_reply_to=OuterRef("pk"))) | Exists(others.filter(root=OuterRef("pk")))
            )
            .values_list("pk", flat=True)
        )
        for post in posts:
            if post.pk in answered:
                answered |= {post.in_reply_to_id, post.root_id} - {None}
        Post.objects.filter(pk__in=[i for i in ids if i not in answered]).delete()
        if kept := [i for i in ids if i in answered]:
            Post.objects.filter(pk__in=kept).update(author=ghost(), edited_at=None)
    if ids:
        return len(ids)
    # A tag can be as personal as a post: delete those that nobody uses or follows.
    used = Exists(PostTag.objects.filter(tag=OuterRef("pk"))) | Exists(
        TagFollow.objects.filter(tag=OuterRef("pk")).exclude(member_id=member_id)
    )
    return delete_some(Tag.objects.exclude(used))


def _locked(ids: Any) -> list[Post]:
    """Return these posts, locked until the transaction ends, in the order of their ids."""
    return list(Post.objects.filter(pk__in=list(ids)).locked())


def _of(model: Any, post_ids: list[int]) -> "QuerySet[Any]":
    rows: QuerySet[Any] = model.objects.filter(post__in=post_ids)
    return rows


def _html_without(text: str, member_id: int) -> str:
    """Return the text as HTML with all mentions linked except this member's."""
    known = Member.objects.filter(Q(username__in=mentions(text)), is_active=True).exclude(pk=member_id)
    return render_html(text, set(known.values_list("username", flat=True)))
