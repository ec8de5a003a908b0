from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import NotFound
from core.text import fold_tag
from posts.models import Post, PostTag, Tag, TagFollow


def visible_tag(name: str, *, viewer: Member | None) -> Tag:
    """Return the tag, in any case and with or without accents.

    Raises NotFound when `viewer` can see no post with it: a tag that only hidden or unlisted posts have is like one
    never used.
    """
    listed = Post.objects.visible_to(viewer).listed()
    visible = listed.filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    used = PostTag.objects.filter(Exists(visible), tag=OuterRef("pk"))
    # In one query, so that timing doesn't reveal whether a tag is hidden or unused.
    tag = Tag.objects.filter(Exists(used), name=fold_tag(name)).first()
    if tag is None:
        raise NotFound(_("Nobody has used this hashtag yet."))
    return tag


def tag_follows_of(member: Member) -> QuerySet[TagFollow]:
    """Return the member's tag follows, to be paged by id (newest first)."""
    return TagFollow.objects.filter(member=member).select_related("tag").order_by("-id")


def follows_tag(member: Member | None, tag: Tag) -> bool:
    return member is not None and TagFollow.objects.filter(member=member, tag=tag).exists()
