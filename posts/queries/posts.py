from django.db.models import Exists, OuterRef, Q

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
        "reposts": post.reposts_count,
    }


def readable_limited_author_ids(viewer: Member | None) -> list[int]:
    """Return the ids of the members with posts for followers only that the viewer may read: private accounts and those
    who write such posts, as far as the viewer follows them or is one. One query.
    """
    if viewer is None:
        return []
    for_followers = Post.objects.filter(visibility=Post.Visibility.FOLLOWERS)
    by_followee = Q(Exists(for_followers.filter(author=OuterRef("followee_id"))))
    follows = Follow.objects.by(viewer).filter(Q(followee__is_private=True) | by_followee)
    own = Member.objects.filter(
        Q(is_private=True) | Q(Exists(for_followers.filter(author=OuterRef("pk")))), pk=viewer.pk
    )
    ids = follows.order_by().values_list("followee_id", flat=True)
    return list(ids.union(own.order_by().values_list("pk", flat=True), all=True))
