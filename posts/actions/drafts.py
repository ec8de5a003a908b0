"""Keep posts that aren't sent yet, and send them, at once or when they are due.

A draft is sent and deleted in one transaction under the lock of its row, so of any number of requests and jobs one
sends it, and a process that is killed has either sent it or not begun.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.languages import in_language_of
from accounts.models import Member
from core import idempotency
from core.events import emit
from core.ids import new_id
from core.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal
from core.text import is_blank
from media.models import Attachment
from posts.actions.threads import InvalidPost, check_length, write_thread
from posts.events import DraftNotSent
from posts.models import Draft, Post
from posts.options import PostContent
from posts.queries.drafts import contents_of

log = logging.getLogger("kith.posts")

DRAFTS_MAX = 100
"""Drafts and scheduled posts of a member, together."""
SCHEDULE_MIN, SCHEDULE_MAX = timedelta(minutes=1), timedelta(days=365)
ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=1)
FAILURE_MAX = 500


class _Undo(Exception):
    """Takes back what was written only to see whether it can be."""


def create_draft(
    *,
    by: Member,
    posts: Sequence[PostContent],
    in_reply_to: Post | None = None,
    scheduled_at: datetime | None = None,
    idempotency_key: str | None = None,
) -> Draft:
    """Save posts to send later: by hand, or at `scheduled_at`. A repeated `idempotency_key` returns the first draft.

    A scheduled one must be fit to be sent now; raises what sending it would raise. Raises Invalid for posts without
    anything in them and for a bad time, Conflict if there are too many drafts.
    """
    stored = _checked(posts)
    parent_id = in_reply_to.pk if in_reply_to else None
    draft_id = new_id()
    with transaction.atomic():
        # Locked, so that two requests can't both take the last free place.
        author = lock_members(by.pk).get(by.pk)
        if author is None or not author.is_active:
            raise Forbidden(_("This account is suspended."))

        def make() -> Draft:
            if Draft.objects.filter(author=by).count() >= DRAFTS_MAX:
                raise Conflict(
                    _("You can keep up to %(most)s drafts and scheduled posts. Send or delete some first.")
                    % {"most": DRAFTS_MAX}
                )
            draft = Draft(id=draft_id, author=author, posts=stored, parent_id=parent_id)
            if scheduled_at is not None:
                _schedule(draft, scheduled_at)
            draft.save(force_insert=True)
            _keep_media(draft)
            return draft

        return idempotency.once(
            actor_id=by.pk,
            purpose="create_draft",
            key=idempotency_key,
            content=repr((stored, parent_id, scheduled_at)),
            result_id=draft_id,
            make=make,
            again=lambda first_id: _locked(first_id, by),
        )


def edit_draft(
    *,
    draft: Draft,
    by: Member,
    posts: Sequence[PostContent] | None = None,
    scheduled_at: datetime | None = None,
    unschedule: bool = False,
) -> Draft:
    """Change what is given: the posts, the time, or with `unschedule` that there is a time. Raises like
    `create_draft`, NotFound if it was sent or deleted meanwhile.
    """
    stored = None if posts is None else _checked(posts)
    with transaction.atomic():
        lock_members(by.pk)
        draft = _locked(draft.pk, by)
        if stored is not None:
            _release_media(draft)
            draft.posts = stored
        if unschedule:
            draft.scheduled_at = None
        elif scheduled_at is not None or (draft.scheduled_at is not None and stored is not None):
            # The time of one whose words change may be near, or it is being sent late.
            _schedule(draft, scheduled_at, of_old=draft.scheduled_at)
        draft.failure, draft.attempts, draft.updated_at = "", 0, timezone.now()
        draft.save()
        _keep_media(draft)
    return draft


def delete_draft(*, draft: Draft, by: Member) -> bool:
    """Delete a draft or scheduled post. Return False if it is gone, sent or deleted."""
    with transaction.atomic():
        lock_members(by.pk)
        found = _find_locked(draft.pk, by)
        if found is None:
            return False
        _release_media(found)
        found.delete()
    return True


def publish_draft(*, draft_id: int, by: Member) -> Post:
    """Send a draft or scheduled post now, and return its first post. If it was sent before, return that one.

    Raises what writing the posts raises; the draft stays.
    """
    with transaction.atomic():
        lock_members(by.pk)
        draft = _find_locked(draft_id, by)
        if draft is None:
            return _sent_before(draft_id, by)
        return _send(draft, by)


def send_scheduled(*, draft_id: int) -> bool:
    """Send a scheduled draft that is due. Return False if there is nothing to do: it isn't due, sent, or deleted.

    What can't be sent stays as a draft, with the reason.
    """
    row = Draft.objects.due().filter(pk=draft_id).select_related("author").first()
    if row is None:
        return False
    try:
        with transaction.atomic(), in_language_of(row.author):
            author = lock_members(row.author_id).get(row.author_id)
            draft = Draft.objects.due().filter(pk=draft_id).select_for_update(of=("self",)).first()
            if draft is None or author is None:
                return False
            try:
                with transaction.atomic():
                    _send(draft, author)
            except Refusal as refusal:
                _keep_unsent(draft, refusal.message)
    except Exception:
        _try_again_later(draft_id)
        raise
    return True


def _send(draft: Draft, author: Member) -> Post:
    """Write the posts of a locked draft, and delete it."""
    posts = write_thread(by=author, posts=contents_of(draft), in_reply_to=_parent(draft))
    idempotency.remember(
        actor_id=author.pk, purpose="publish_draft", key=str(draft.pk), result_id=posts[0].pk
    )
    # What was chosen may be less than what the posts took.
    _release_media(draft)
    draft.delete()
    return posts[0]


def _sent_before(draft_id: int, by: Member) -> Post:
    post_id = idempotency.recall(actor_id=by.pk, purpose="publish_draft", key=str(draft_id))
    post = Post.objects.visible_to(by).with_card_fields().filter(pk=post_id).first() if post_id else None
    if post is None:
        raise NotFound
    return post


def _keep_unsent(draft: Draft, reason: str) -> None:
    """Keep a draft that can't be sent, and tell its author."""
    draft.scheduled_at, draft.failure, draft.updated_at = None, reason[:FAILURE_MAX], timezone.now()
    draft.save(update_fields=["scheduled_at", "failure", "updated_at"])
    emit(DraftNotSent(draft_id=draft.pk, author_id=draft.author_id))


def _try_again_later(draft_id: int) -> None:
    """Let a draft wait that could not be sent because of an error of ours, and give up after some attempts."""
    with transaction.atomic():
        row = Draft.objects.due().filter(pk=draft_id).select_related("author").first()
        if row is None:
            return
        if row.attempts + 1 < ATTEMPTS:
            Draft.objects.filter(pk=draft_id).postpone(RETRY_AFTER, attempts=F("attempts") + 1)
            return
        with in_language_of(row.author):
            _keep_unsent(row, _("Something went wrong on our end."))


def _checked(posts: Sequence[PostContent]) -> list[dict[str, object]]:
    """Return the posts as a draft keeps them. Raises Invalid for bad options, and if there is nothing in them."""
    check_length(posts)
    stored = []
    for index, post in enumerate(posts):
        try:
            # As it is, because a draft may be anything; but PostgreSQL can’t store this character.
            checked = PostContent(text=post.text.replace("\0", ""), options=post.options.checked())
        except Invalid as refusal:
            raise InvalidPost(index, refusal) from refusal
        stored.append(checked.stored())
    if all(is_blank(post.text) for post in posts) and not any(len(post) > 1 for post in stored):
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"posts[0].text": [sentence]})
    return stored


def _schedule(draft: Draft, at: datetime | None, *, of_old: datetime | None = None) -> None:
    """Set the time, and check whether the draft could be sent now. Raises Invalid, and what sending raises."""
    now = timezone.now()
    if at is not None and at != of_old:
        if at < now + SCHEDULE_MIN - timedelta(seconds=5):
            sentence = _("Choose a time at least a minute from now.")
            raise Invalid(sentence, fields={"scheduled_at": [sentence]})
        if at > now + SCHEDULE_MAX:
            sentence = _("Choose a time within a year.")
            raise Invalid(sentence, fields={"scheduled_at": [sentence]})
        draft.scheduled_at = draft.due_at = at
    try:
        with transaction.atomic():
            write_thread(by=draft.author, posts=contents_of(draft), in_reply_to=_parent(draft))
            raise _Undo
    except _Undo:
        pass


def _parent(draft: Draft) -> Post | None:
    if draft.parent_id is None:
        return None
    parent = Post.objects.filter(pk=draft.parent_id).first()
    if parent is None:
        raise NotFound(_("The post you replied to isn’t available any more."))
    return parent


def _find_locked(draft_id: int, by: Member) -> Draft | None:
    return Draft.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=draft_id).first()


def _locked(draft_id: int, by: Member) -> Draft:
    draft = _find_locked(draft_id, by)
    if draft is None:
        raise NotFound
    # What is checked must be about the member as they are now.
    draft.author = by
    return draft


def _media_of(draft: Draft) -> list[int]:
    return [int(pk) for post in draft.posts for pk in post.get("media", ())]


def _keep_media(draft: Draft) -> None:
    """Keep the files of a draft from being discarded as ones that no post was written for."""
    if ids := _media_of(draft):
        until = timezone.now() + SCHEDULE_MAX * 100
        rows = Attachment.objects.unattached().filter(owner=draft.author_id, pk__in=ids)
        rows.update(unattached_since=until)


def _release_media(draft: Draft) -> None:
    """Let the files of a draft be discarded after a while, except those that another draft has, too."""
    if ids := set(_media_of(draft)):
        for other in Draft.objects.filter(author=draft.author_id).exclude(pk=draft.pk):
            ids -= set(_media_of(other))
        rows = Attachment.objects.unattached().filter(owner=draft.author_id, pk__in=ids)
        rows.update(unattached_since=timezone.now())
