from collections.abc import Iterable, Sequence

from accounts.models import Member
from core.refusals import NotFound
from media.models import Attachment


def attachments_of(post_ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of these posts in order, by post, in one query. The caller has checked who may see the
    posts.
    """
    found: dict[int, list[Attachment]] = {}
    rows = Attachment.objects.filter(post__in=list(post_ids), state=Attachment.State.READY)
    for row in rows.in_order():
        if row.post_id is not None:
            found.setdefault(row.post_id, []).append(row)
    return found


def own_attachments(member: Member, ids: Sequence[int]) -> list[Attachment]:
    """Return those of these attachments that the member uploaded, in this order."""
    found = Attachment.objects.visible_to(member).in_bulk(list(ids)) if ids else {}
    return [found[each] for each in ids if each in found]


def unattached_of(member: Member) -> list[Attachment]:
    """Return the files that the member uploaded and that no post has yet, newest first."""
    return list(Attachment.objects.visible_to(member).unattached().order_by("-pk")[:50])


def own_attachment(member: Member, attachment_id: int) -> Attachment:
    """Return an attachment that the member uploaded. Raises NotFound."""
    found = Attachment.objects.visible_to(member).filter(pk=attachment_id).first()
    if found is None:
        raise NotFound
    return found
