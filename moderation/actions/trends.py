"""Decisions about what may trend."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Conflict, Invalid, NotFound
from core.text import fold_tag
from moderation.actions.cases import decider_label
from moderation.events import TrendDecided
from moderation.models import Decision, TrendReview
from moderation.queries import moderators_only
from posts.models import Tag

_ACTS = {
    "allow": (TrendReview.State.ALLOWED, Decision.Act.ALLOW_TREND),
    "hide": (TrendReview.State.HIDDEN, Decision.Act.HIDE_TREND),
}


def submit_trends_for_review(*, tags: Mapping[int, int], posts: Mapping[int, int]) -> None:
    """Submit what would trend but is shared almost only by new accounts: id → how many people share it.

    Delete waiting reviews of what would no longer trend.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = TrendReview.objects.waiting()
        waiting.filter(post=None).exclude(tag__in=tags).delete()
        waiting.filter(tag=None).exclude(post__in=posts).delete()
        for field, asked in (("tag_id", tags), ("post_id", posts)):
            for key, people in asked.items():
                if insert_once(TrendReview(**{field: key}, people=people, opened_at=now)):
                    continue
                rows = TrendReview.objects.filter(**{field: key})
                rows.waiting().update(people=people)
                # An old permission has expired: the caller has left out what is still allowed.
                rows.filter(state=TrendReview.State.ALLOWED).update(
                    state=TrendReview.State.WAITING, people=people, opened_at=now
                )


def decide_trend(*, trend_id: int, by: Member, act: str, seen: str | None = None) -> TrendReview:
    """Allow something in trends ("allow") or hide it from them ("hide"); each undoes the other.

    `seen` is the state that the moderator saw: raise Conflict if another has decided since. Raise NotFound for everyone
    but moderators.
    """
    moderators_only(by)
    if act not in _ACTS:
        raise Invalid(_("Choose what to do."), fields={"act": [_("Choose one of these.")]})
    with transaction.atomic():
        row = (
            TrendReview.objects.select_for_update(of=("self",))
            .select_related("tag", "post")
            .filter(pk=trend_id)
            .first()
        )
        if row is None:
            raise NotFound
        state, decision = _ACTS[act]
        if seen is not None and seen != row.state and row.state != state:
            raise Conflict(
                _("This has already been decided: %(state)s.") % {"state": row.get_state_display()}
            )
        if row.state != state:
            _decide(row, state, decision, by)
    return row


def hide_tag(*, name: str, by: Member) -> TrendReview:
    """Hide a hashtag from trends. Raise Invalid for one that nobody has used."""
    moderators_only(by)
    tag = Tag.objects.filter(name=fold_tag(name.strip().lstrip("#"))).first()
    if tag is None:
        message = _("Nobody has used this hashtag yet.")
        raise Invalid(message, fields={"tag": [message]})
    with transaction.atomic():
        insert_once(TrendReview(tag=tag))
        row = TrendReview.objects.select_for_update(of=("self",)).select_related("tag").get(tag=tag)
        if row.state != TrendReview.State.HIDDEN:
            _decide(row, *_ACTS["hide"], by)
    return row


def _decide(row: TrendReview, state: TrendReview.State, act: Decision.Act, by: Member) -> None:
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    Decision.objects.create(
        by=by,
        decided_by=decider_label(by),
        act=act,
        post=row.post,
        author_id=row.post.author_id if row.post else None,
        post_text=row.post.text if row.post else str(row.tag),
    )
    emit(TrendDecided(tag_id=row.tag_id, post_id=row.post_id, allowed=state == TrendReview.State.ALLOWED))
