"""Whom a member does not want to be suggested (feed.models.Suggestion)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Invalid, NotFound
from social.events import SuggestionDismissed
from social.models import Dismissal


def dismiss_suggestion(*, member: Member, by: Member) -> bool:
    """`by` does not want `member` to be suggested again; False when that was said before.

    Raises Invalid for oneself, NotFound for a member whom `by` cannot see.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t dismiss yourself as a suggestion."), code="dismiss_self")
    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        dismissed = suggest_no_more(member_id=member.pk, to_id=by.pk)
        if dismissed:
            emit(SuggestionDismissed(member_id=by.pk, dismissed_id=member.pk))
        return dismissed


def restore_suggestion(*, member: Member, by: Member) -> bool:
    """`member` may be suggested to `by` again; False when they might all along."""
    deleted, _ = Dismissal.objects.filter(member=by, dismissed=member).delete()
    return deleted > 0


def suggest_no_more(*, member_id: int, to_id: int) -> bool:
    """For actions that part two people without telling: who was refused is not led there again."""
    return insert_once(Dismissal(member_id=to_id, dismissed_id=member_id))
