"""What review and moderators decide about a post. Who may decide is moderation's to know.

Each returns whether it changed anything: the second of two that decide the same, or a review that comes
after the author deleted the post, changes nothing and says nothing.
"""

from django.db import transaction
from django.utils import timezone

from core.events import emit
from core.streams import publish
from posts.actions.states import change_state, lock
from posts.events import PostHidden, PostPublished, PostRestored
from posts.models import Post


def publish_post(*, post: Post) -> bool:
    """Let others see what waited for review or was held by it. What a moderator removed stays removed."""
    with transaction.atomic():
        lock(post, "edit_unreviewed")
        _reviewed(post)
        if post.state not in (Post.State.PENDING, Post.State.HELD):
            return False
        _show(post)
    return True


def restore_post(*, post: Post) -> bool:
    """Let others see again what was held or removed."""
    with transaction.atomic():
        lock(post, "edit_unreviewed")
        if post.state not in (Post.State.HELD, Post.State.REMOVED):
            return False
        _reviewed(post)
        _show(post)
    return True


def hold_post(*, post: Post, reason: str) -> bool:
    """Keep from others, until a moderator has decided, what waits for review or is published."""
    return _hide(post, Post.State.HELD, reason, of=(Post.State.PENDING, Post.State.PUBLISHED))


def remove_post(*, post: Post, reason: str) -> bool:
    """Take a post down for `reason`, which its author reads."""
    return _hide(
        post, Post.State.REMOVED, reason, of=(Post.State.PENDING, Post.State.PUBLISHED, Post.State.HELD)
    )


def _reviewed(post: Post) -> None:
    """The present wording may be read, also in the history when there is a next one."""
    if post.edit_unreviewed:
        post.edit_unreviewed = False
        post.save(update_fields=["edit_unreviewed"])


def _show(post: Post) -> None:
    if post.published_at is None:
        change_state(post, Post.State.PUBLISHED, published_at=timezone.now())
        emit(PostPublished(post_id=post.id, author_id=post.author_id))
    else:
        change_state(post, Post.State.PUBLISHED)
        emit(PostRestored(post_id=post.id, author_id=post.author_id))


def _hide(post: Post, state: Post.State, reason: str, *, of: tuple[Post.State, ...]) -> bool:
    with transaction.atomic():
        lock(post)
        if post.state not in of:
            return False
        was_published = post.is_published
        change_state(post, state, reason=reason[:500])
        if was_published:
            emit(PostHidden(post_id=post.id, author_id=post.author_id))
        else:
            # Nobody but its author has it on a page.
            publish(f"post.{post.id}", {"type": "post.changed", "id": str(post.id)})
    return True
