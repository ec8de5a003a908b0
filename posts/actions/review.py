"""Change a post's state as review and moderators decide. The moderation app checks who may decide.

Each action returns whether it changed anything. The second of two equal decisions changes nothing, and neither does a
decision about a post that its author has deleted.
"""

from django.db import transaction
from django.utils import timezone

from core.events import emit
from posts.actions.states import change_state, lock, publish_changed
from posts.events import PostHidden, PostPublished, PostRestored
from posts.models import Post


def publish_post(*, post: Post) -> bool:
    """Publish a pending or held post. A post that a moderator removed stays removed."""
    with transaction.atomic():
        lock(post, "edit_unreviewed")
        _mark_reviewed(post)
        if post.state not in (Post.State.PENDING, Post.State.HELD):
            return False
        _publish(post)
    return True


def restore_post(*, post: Post) -> bool:
    """Show a held or removed post to others again."""
    with transaction.atomic():
        lock(post, "edit_unreviewed")
        if post.state not in (Post.State.HELD, Post.State.REMOVED):
            return False
        _mark_reviewed(post)
        _publish(post)
    return True


def hold_post(*, post: Post, reason: str) -> bool:
    """Hide a pending or published post from others until a moderator decides."""
    return _hide(post, Post.State.HELD, reason, of=(Post.State.PENDING, Post.State.PUBLISHED))


def remove_post(*, post: Post, reason: str) -> bool:
    """Remove a post. Its author can read the reason."""
    return _hide(
        post, Post.State.REMOVED, reason, of=(Post.State.PENDING, Post.State.PUBLISHED, Post.State.HELD)
    )


def _mark_reviewed(post: Post) -> None:
    """Mark the current version as reviewed, so that others may see it, also in the edit history."""
    if post.edit_unreviewed:
        post.edit_unreviewed = False
        post.save(update_fields=["edit_unreviewed"])


def _publish(post: Post) -> None:
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
            # Only its author’s pages show it.
            publish_changed([post.id])
    return True
