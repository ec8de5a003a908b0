"""Attachments of posts: uploaded, described, attached, discarded.

The row names the files before they exist, and what no row names is in media.actions.discarded; so no file is ever
forgotten.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import IO, Protocol

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import lock_members
from accounts.models import Member
from core.refusals import Conflict, Forbidden, Invalid
from core.storages import storage_is_there
from core.text import clean
from media.actions.discarded import discard_files, file_names
from media.images import Variants, make_variants
from media.models import ALT_MAX, Attachment, Upload

UNATTACHED_FOR = timedelta(hours=24)
"""How long an upload waits for its post."""
CHUNK = 200


class Attachable(Protocol):
    """What attaching needs to know of a post."""

    pk: int
    author_id: int


def upload_picture(
    *, by: Member, file: IO[bytes], alt: str = "", focus: tuple[float, float] = (0, 0)
) -> Attachment:
    """Process and store a picture for a post. Its type is decided by its content.

    Raises Invalid if it can’t be used or the member’s quota is used up; TooMany while too many are being processed.
    """
    alt, (x, y) = checked_alt(alt=alt), _focus(focus)
    check_quota(member=by, size=0)
    made = make_variants(file)
    attachment = _reserve(by, made, alt, x, y)
    storage = storages["private"]
    try:
        with storage_is_there():
            for variant, content in made.files.items():
                storage.save(attachment.files[variant], ContentFile(content))
        ready = Attachment.objects.filter(pk=attachment.pk, state=Attachment.State.PROCESSING)
        if not ready.update(state=Attachment.State.READY):
            raise Conflict(_("This has been deleted meanwhile."))
    except BaseException:
        discard_rows(rows=Attachment.objects.filter(pk=attachment.pk))
        raise
    attachment.state = Attachment.State.READY
    return attachment


def edit_attachment(
    *, attachment: Attachment, by: Member, alt: str | None = None, focus: tuple[float, float] | None = None
) -> None:
    """Change the description or focus before it is attached; afterwards the post is edited, which has a history."""
    changes: dict[str, object] = {}
    if alt is not None:
        changes["alt"] = checked_alt(alt=alt)
    if focus is not None:
        changes["focus_x"], changes["focus_y"] = _focus(focus)
    with transaction.atomic():
        check_owner(attachment=attachment, by=by)
        locked_unattached(attachment=attachment)
        Attachment.objects.filter(pk=attachment.pk).update(**changes)
    for name, value in changes.items():
        setattr(attachment, name, value)


def discard(*, attachment: Attachment, by: Member) -> None:
    """Delete an unattached attachment and its files."""
    with transaction.atomic():
        check_owner(attachment=attachment, by=by)
        locked_unattached(attachment=attachment)
        discard_rows(rows=Attachment.objects.filter(pk=attachment.pk))


def attach(*, post: Attachable, ids: Sequence[int], by: Member) -> list[Attachment]:
    """Make these the attachments of the post, in this order; those it had and that aren’t named are detached.

    Up to POST_MEDIA_MAX pictures, or one video or audio file. Raises Invalid, for the field `media`, if one isn’t
    ready, is someone else’s or belongs to another post, which all look the same; Forbidden if the post is not theirs.
    """
    if post.author_id != by.pk:
        raise Forbidden
    if len(set(ids)) != len(ids):
        raise _invalid(_("You’ve added the same file twice."))
    # Before anything is read: the number comes from outside.
    if len(ids) > (most := settings.POST_MEDIA_MAX):
        raise _too_many(most)
    with transaction.atomic():
        rows = Attachment.objects.filter(pk__in=ids, owner=by).order_by("pk").select_for_update()
        found = {row.pk: row for row in rows if row.post_id in (None, post.pk)}
        if len(found) != len(ids):
            raise _invalid(_("This file isn’t available. Upload it again."))
        chosen = [found[pk] for pk in ids]
        if any(row.state != Attachment.State.READY for row in chosen):
            raise _invalid(_("Wait until your files have been processed."))
        if len(chosen) > 1 and any(
            row.kind in (Attachment.Kind.VIDEO, Attachment.Kind.AUDIO) for row in chosen
        ):
            raise _invalid(_("A post can have pictures, or one video or audio file."))
        Attachment.objects.filter(post_id=post.pk).exclude(pk__in=ids).update(
            post=None, position=0, unattached_since=timezone.now()
        )
        for position, row in enumerate(chosen):
            row.post_id, row.position, row.unattached_since = post.pk, position, None
        Attachment.objects.bulk_update(chosen, ["post", "position", "unattached_since"])
    return chosen


def describe(*, post: Attachable, alts: Mapping[int, str], by: Member) -> bool:
    """Change the descriptions of a post’s attachments, as part of an edit of the post. Return whether any differs."""
    if post.author_id != by.pk:
        raise Forbidden
    with transaction.atomic():
        rows = Attachment.objects.filter(post_id=post.pk, pk__in=alts).order_by("pk").select_for_update()
        cleaned = {pk: checked_alt(alt=alt) for pk, alt in alts.items()}
        changed = [row for row in rows if row.alt != cleaned[row.pk]]
        for row in changed:
            row.alt = cleaned[row.pk]
        Attachment.objects.bulk_update(changed, ["alt"])
    return bool(changed)


def discard_unattached(*, of: Member | None = None) -> int:
    """Discard some of the attachments that were never attached, or detached, a day ago. With `of` some of all that the
    member has, who is being deleted. Return how many.
    """
    if of is None:
        # A post that was deleted with its row leaves its attachments without a time.
        long_since = Q(unattached_since__lt=timezone.now() - UNATTACHED_FOR) | Q(unattached_since=None)
        rows = Attachment.objects.unattached().filter(long_since)
    else:
        rows = Attachment.objects.filter(owner=of)
    ids = list(rows.values_list("pk", flat=True)[:CHUNK])
    # The condition again: one of them may have been attached meanwhile.
    return discard_rows(rows=rows.filter(pk__in=ids))


def discard_of_posts(*, post_ids: Collection[int]) -> int:
    """Discard the attachments of posts, in the transaction that deletes the posts. Return how many."""
    return discard_rows(rows=Attachment.objects.filter(post__in=post_ids))


def _reserve(by: Member, made: Variants, alt: str, x: float, y: float) -> Attachment:
    """Create the row, which names the files that will be stored, if the quota allows them."""
    size = sum(map(len, made.files.values()))
    with transaction.atomic():
        lock_members(by.pk)
        check_quota(member=by, size=size)
        return Attachment.objects.create(
            owner=by,
            kind=Attachment.Kind.GIF if made.animated else Attachment.Kind.IMAGE,
            alt=alt,
            focus_x=x,
            focus_y=y,
            width=made.width,
            height=made.height,
            blurhash=made.blurhash,
            files=file_names(variants=made.files),
            size=size,
        )


def check_quota(*, member: Member, size: int) -> None:
    used = Attachment.objects.filter(owner=member).aggregate(used=Sum("size"))["used"] or 0
    waiting = Upload.objects.filter(owner=member, offset__lt=F("length"))
    used += waiting.aggregate(used=Sum("length"))["used"] or 0
    if used + size >= settings.MEDIA_QUOTA_MB * 1024 * 1024:
        raise Invalid(
            _(
                "You’ve used all your storage for files (%(most)s MB). Delete posts with pictures to make room."
            )
            % {"most": settings.MEDIA_QUOTA_MB},
            code="quota",
        )


def discard_rows(*, rows: QuerySet[Attachment]) -> int:
    with transaction.atomic():
        # In this order, as where files are attached: two transactions with the same files must not deadlock.
        doomed = list(rows.order_by("pk").select_for_update().only("files"))
        discard_files(names=[name for row in doomed for name in row.files.values()])
        Attachment.objects.filter(pk__in=[row.pk for row in doomed]).delete()
    return len(doomed)


def locked_unattached(*, attachment: Attachment) -> Attachment:
    """Return the row of an attachment, locked. Raises Conflict if a post has it."""
    row = Attachment.objects.select_for_update().filter(pk=attachment.pk).first()
    if row is None or row.post_id:
        raise Conflict(_("This belongs to a post. Edit the post instead."))
    return row


def check_owner(*, attachment: Attachment, by: Member) -> None:
    if attachment.owner_id != by.pk:
        raise Forbidden


def checked_alt(*, alt: str) -> str:
    alt = clean(alt)
    if len(alt) > ALT_MAX:
        raise Invalid(
            fields={"alt": [_("A description can have up to %(most)s characters.") % {"most": ALT_MAX}]}
        )
    return alt


def _focus(focus: tuple[float, float]) -> tuple[float, float]:
    if not all(-1 <= value <= 1 for value in focus):
        raise Invalid(fields={"focus": [_("Enter two numbers from -1 to 1: 0.5,-0.2")]})
    return focus


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"media": [sentence]})


def _too_many(most: int) -> Invalid:
    return _invalid(
        ngettext("A post can have up to %(most)s file.", "A post can have up to %(most)s files.", most)
        % {"most": most}
    )
