"""A member's pictures (config/erasures.py)."""

from accounts.models import Member
from media.actions import delete_expired_uploads, discard_unattached
from media.actions import delete_pictures as _delete_pictures


def delete_pictures(member_id: int) -> int:
    member = Member.objects.filter(pk=member_id).exclude(avatar="", cover="").first()
    if member is None:
        return 0
    _delete_pictures(member=member)
    return 1


def discard_attachments(member_id: int) -> int:
    member = Member.objects.filter(pk=member_id).first()
    return discard_unattached(of=member) + delete_expired_uploads(of=member) if member else 0
