"""Whether something may trend."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Conflict, Invalid, NotFound
from core.text import fold_tag
from moderation.actions.cases import label
from moderation.events import TrendDecided
from moderation.models import Decision, TrendReview
from moderation.queries import moderators_only
from posts.models import Tag

_ACTS = {
    "allow": (TrendReview.State.ALLOWED, Decision.Act.ALLOW_TREND),
    "hide": (TrendReview.State.HIDDEN, Decision.Act.HIDE_TREND),
}


def ask_about_trends(*, tags: Mapping[int, int], posts: Mapping[int, int]) -> None:
    """Put before a moderator what would trend and is carried by new accounts only: id → how many people carry it.

    What waits for something that no longer would trend is taken back.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = TrendReview.objects.waiting()
        waiting.filter(post=None).exclude(tag__in=tags).delete()
        waiting.filter(tag=None).exclude(post__in=posts).delete()
        for field, asked in (("tag_id", tags), ("post_id", posts)):
            for which, people in asked.items():
                if insert_once(TrendReview(**{field: which}, people=people, opened_at=now)):
                    continue
                rows = TrendReview.objects.filter(**{field: which})
                rows.waiting().update(people=people)
                # An old permission has run out: whoever asks has looked at what still holds.
                rows.filter(state=TrendReview.State.ALLOWED).update(
                    state=TrendReview.State.WAITING, people=people, opened_at=now
                )


def decide_trend(*, trend_id: int, by: Member, act: str, seen: str | None = None) -> TrendReview:
    """Let it trend ("allow") or keep it out ("hide"); each undoes the other.

    `seen` is the state that the moderator looked at: Conflict when another has decided since. Raises NotFound for
    everyone but moderators.
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
    """Keep a hashtag out of the trends, whoever carries it. Raises Invalid for one that nobody has used."""
    moderators_only(by)
    tag = Tag.objects.filter(name=fold_tag(name.strip().lstrip("#"))).first()
    if tag is None:
        said = _("Nobody has used this hashtag yet.")
        raise Invalid(said, fields={"tag": [said]})
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
        decided_by=label(by),
        act=act,
        post=row.post,
        author_id=row.post.author_id if row.post else None,
        post_text=row.post.text if row.post else str(row.tag),
    )
    emit(TrendDecided(tag_id=row.tag_id, post_id=row.post_id, allowed=state == TrendReview.State.ALLOWED))
