from accounts.models import Member
from core.refusals import NotFound
from posts.models import Post, PostRevision
from social.models import Follow


def visible_post(post_id: int, viewer: Member | None) -> Post:
    """The post with what its card shows. Raises NotFound when it is not there for `viewer`."""
    post = Post.objects.visible_to(viewer).with_card_fields().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return post


def wordings_of(post: Post, *, viewer: Member | None) -> list[PostRevision]:
    """What the post said before, the last first; to others than its author only what review has seen."""
    wordings = post.revisions.order_by("-id")
    own = viewer is not None and viewer.pk == post.author_id
    return list(wordings if own else wordings.filter(unreviewed=False))


def counted(post: Post) -> dict[str, object]:
    """The fact that tells a page of a post's numbers."""
    return {
        "type": "post.counted",
        "id": str(post.id),
        "likes": post.likes_count,
        "replies": post.replies_count,
    }


def private_authors_read_by(viewer: Member | None) -> list[int]:
    """The ids of the private accounts whose posts `visible` lets the viewer read: those they follow, and their own."""
    if viewer is None:
        return []
    follows = Follow.objects.by(viewer).filter(followee__is_private=True)
    return [*follows.values_list("followee_id", flat=True), *([viewer.pk] if viewer.is_private else [])]
