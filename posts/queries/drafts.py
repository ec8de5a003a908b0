from collections.abc import Iterable, Mapping

from accounts.models import Member
from core.refusals import NotFound
from posts.models import Draft, DraftQuerySet, Post
from posts.options import PostContent

BY_CHANGE = ("-updated_at", "-id")
BY_TIME = ("scheduled_at", "id")


def drafts_of(member: Member) -> DraftQuerySet:
    """Return the member's drafts that aren't scheduled, to be paged by BY_CHANGE."""
    return Draft.objects.visible_to(member).unscheduled()


def scheduled_of(member: Member) -> DraftQuerySet:
    """Return the member's scheduled posts, to be paged by BY_TIME."""
    return Draft.objects.visible_to(member).scheduled()


def own_draft(draft_id: int, member: Member) -> Draft:
    """Return one of the member's drafts or scheduled posts. Raises NotFound."""
    draft = Draft.objects.visible_to(member).select_related("author").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    return draft


def contents_of(draft: Draft) -> list[PostContent]:
    """Return what the draft's posts say, as actions take it."""
    return [PostContent.of(post) for post in draft.posts]


def visible_parents(drafts: Iterable[Draft], viewer: Member) -> Mapping[int, Post]:
    """Return the posts that these drafts reply to and the viewer may see, by id."""
    ids = {draft.parent_id for draft in drafts if draft.parent_id}
    return Post.objects.visible_to(viewer).with_card_fields().in_bulk(list(ids)) if ids else {}
