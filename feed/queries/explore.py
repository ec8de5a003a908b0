from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member
from core.refusals import NotFound
from core.text import fold_tag
from posts.models import Post, PostTag, Tag
from social.queries import followee_ids

UNUSED = "Nobody has used this tag yet."


def latest_posts(viewer: Member | None) -> "QuerySet[Post]":
    """Everything public that is not a reply, to be paged by id."""
    published = Post.objects.visible_to(viewer).filter(state=Post.State.PUBLISHED)
    return published.originals().dressed().newest_first()


def tag_named(name: str) -> Tag:
    """The tag however it is written (#Ana, #ANA). Raises NotFound when nobody has used it."""
    tag = Tag.objects.filter(name=fold_tag(name)).first()
    if tag is None:
        raise NotFound(UNUSED)
    return tag


def posts_tagged(tag: Tag, *, viewer: Member | None) -> "QuerySet[PostTag]":
    """The rows of the tag whose post this viewer may see, to be paged by post (newest first)."""
    visible = Post.objects.visible_to(viewer).filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    rows = PostTag.objects.filter(tag=tag).filter(Exists(visible))
    return rows.select_related("post__author", "post__in_reply_to__author").order_by("-post_id")


def people(viewer: Member | None) -> "QuerySet[Member]":
    """Whom one may meet here, to be paged by ("-followers_count", "-id") or ("-id")."""
    return Member.objects.visible_to(viewer)


def people_to_follow(viewer: Member, limit: int = 5) -> "QuerySet[Member]":
    """The most followed of those whom the viewer does not follow yet."""
    others = people(viewer).exclude(pk=viewer.pk).exclude(pk__in=followee_ids(viewer).order_by())
    return others.order_by("-followers_count", "-id")[:limit]
