from collections.abc import Iterable

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
