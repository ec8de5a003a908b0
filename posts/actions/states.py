"""The one place where a post changes its state, and with it what is counted."""

from django.db.models import F

from accounts.models import Member
from core.refusals import NotFound
from posts.models import Post

_STATE_FIELDS = ("state", "state_reason", "published_at")


def lock(post: Post, *more_fields: str) -> None:
    """Hold the row until the transaction ends, and bring `post` up to date with it.

    Whoever decides about a post decides after whoever came first. Raises NotFound when the row is gone.
    """
    try:
        post.refresh_from_db(
            fields=[*_STATE_FIELDS, *more_fields],
            # "no key": a like that is being inserted refers to the row, and need not wait.
            from_queryset=Post.objects.select_for_update(no_key=True),
        )
    except Post.DoesNotExist:
        raise NotFound from None


def change_state(post: Post, state: Post.State, *, reason: str = "", **fields: object) -> None:
    """Write the new state of a locked post; author and parent count it exactly while it is published."""
    was_counted, is_counted = post.is_published, state == Post.State.PUBLISHED
    post.state, post.state_reason = state, reason
    for name, value in fields.items():
        setattr(post, name, value)
    Post.objects.filter(pk=post.pk).update(state=state, state_reason=reason, **fields)
    if was_counted == is_counted:
        return
    step = 1 if is_counted else -1
    # Parent before author, everywhere: two of them never wait for each other crosswise.
    if post.in_reply_to_id is not None:
        Post.objects.filter(pk=post.in_reply_to_id).update(replies_count=F("replies_count") + step)
    Member.objects.filter(pk=post.author_id).update(posts_count=F("posts_count") + step)
