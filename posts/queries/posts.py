from accounts.models import Member
from core.refusals import NotFound
from posts.models import Post, PostRevision
from social.models import Follow


def visible_post(post_id: int, viewer: Member | None) -> Post:
    """Return the post `with_card_fields()`. Raises NotFound when `viewer` may not see it."""
    post = Post.objects.visible_to(viewer).with_card_fields().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return post


def revisions_of(post: Post, *, viewer: Member | None) -> list[PostRevision]:
    """Return the earlier versions of the post, newest first. Only its author sees those that weren't reviewed."""
    revisions = post.revisions.order_by("-id")
    own = viewer is not None and viewer.pk == post.author_id
    return list(revisions if own else revisions.filter(unreviewed=False))


def counts_message(post: Post) -> dict[str, object]:
    """Return the live message with the post's counts."""
    return {
        "type": "post.counted",
        "id": str(post.id),
        "likes": post.likes_count,
        "replies": post.replies_count,
    }


def readable_private_author_ids(viewer: Member | None) -> list[int]:
    """Return the ids of the private accounts whose posts the viewer may read: those they follow, and their own."""
    if viewer is None:
        return []
    follows = Follow.objects.by(viewer).filter(followee__is_private=True)
    return [*follows.values_list("followee_id", flat=True), *([viewer.pk] if viewer.is_private else [])]
