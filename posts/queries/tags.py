from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import NotFound
from core.text import fold_tag
from posts.models import Post, PostTag, Tag, TagFollow


def visible_tag(name: str, *, viewer: Member | None) -> Tag:
    """The tag however it is written (#Ana, #ANA). Raises NotFound when nothing that `viewer` can see carries it:
    a tag of hidden posts only is like one that nobody has used.
    """
    shown = Post.objects.visible_to(viewer).filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    used = PostTag.objects.filter(Exists(shown), tag=OuterRef("pk"))
    # In one step, so that the time it takes does not tell the one from the other, either.
    tag = Tag.objects.filter(Exists(used), name=fold_tag(name)).first()
    if tag is None:
        raise NotFound(_("Nobody has used this hashtag yet."))
    return tag


def tag_follows_of(member: Member) -> QuerySet[TagFollow]:
    """The tags that the member follows, to be paged by id (the last followed first)."""
    return TagFollow.objects.filter(member=member).select_related("tag").order_by("-id")


def follows_tag(member: Member | None, tag: Tag) -> bool:
    return member is not None and TagFollow.objects.filter(member=member, tag=tag).exists()
