"""The one place where a post's state changes, and with it the counters."""

from collections.abc import Iterable

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.refusals import Forbidden, NotFound
from core.streams import post_stream, publish
from posts.models import Post

_STATE_FIELDS = ("state", "state_reason", "published_at", "quote_revoked")


def publish_changed(post_ids: Iterable[int]) -> None:
    """Tell the pages that show these posts to refresh them, after the commit."""
    for post_id in post_ids:
        publish(post_stream(post_id), {"type": "post.changed", "id": str(post_id)})


def check_own(post: Post, by: Member, sentence: str = "") -> None:
    """Raise Forbidden, with the sentence, for a post by someone else, NotFound for one that `by` can't see."""
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    if post.author_id != by.pk:
        if not Post.objects.visible_to(by).filter(pk=post.pk).exists():
            raise NotFound
        raise Forbidden(sentence or _("You can only do that with your own posts."))


def lock_post(post_id: int) -> Post | None:
    """Return the post with its author, both fresh; None if it was deleted.

    Locks the author, then the post, its parent and what it quotes, until the transaction ends: decisions about a post
    follow one another, and its counters can be updated without further locks.
    """
    ids = Post.objects.filter(pk=post_id).values_list("author_id", "in_reply_to_id", "quote_of_id").first()
    return _locked(post_id, *ids) if ids else None


def lock(post: Post, *more_fields: str) -> None:
    """Lock a loaded post like `lock_post` and refresh its fields. Raises NotFound if the row was deleted."""
    now = _locked(post.pk, post.author_id, post.in_reply_to_id, post.quote_of_id)
    if now is None:
        raise NotFound
    for name in (*_STATE_FIELDS, *more_fields):
        setattr(post, name, getattr(now, name))
    post.author = now.author


def _locked(post_id: int, author_id: int, *others: int | None) -> Post | None:
    author = lock_members(author_id).get(author_id)
    rows = {post.pk: post for post in Post.objects.filter(pk__in=[post_id, *others]).locked()}
    post = rows.get(post_id)
    if post is None or author is None or post.author_id != author_id:
        return None  # Deleted meanwhile.
    post.author = author
    return post


def change_state(post: Post, state: Post.State, *, reason: str = "", **fields: object) -> None:
    """Write the new state of a locked post and update the counters of its author, its parent and what it quotes.

    Both count published posts that are for everyone; the other posts count only those that anyone may read
    (Member.is_public).
    """
    was_counted, is_counted = post.is_published, state == Post.State.PUBLISHED
    quoted_id = None if post.quote_revoked else post.quote_of_id
    post.state, post.state_reason = state, reason
    for name, value in fields.items():
        setattr(post, name, value)
    Post.objects.filter(pk=post.pk).update(state=state, state_reason=reason, **fields)
    if was_counted == is_counted or not post.is_for_everyone:
        return
    step = 1 if is_counted else -1
    if post.in_reply_to_id is not None and post.author.is_public:
        Post.objects.filter(pk=post.in_reply_to_id).update(replies_count=F("replies_count") + step)
    if quoted_id is not None and post.author.is_public:
        Post.objects.filter(pk=quoted_id).update(quotes_count=F("quotes_count") + step)
    Member.objects.filter(pk=post.author_id).update(posts_count=F("posts_count") + step)
