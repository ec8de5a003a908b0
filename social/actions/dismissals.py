"""Members who are no longer suggested to a member (feed.models.Suggestion)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Invalid, NotFound
from social.events import SuggestionDismissed
from social.models import Dismissal


def dismiss_suggestion(*, member: Member, by: Member) -> bool:
    """Stop suggesting `member` to `by`. Return False if they were dismissed before.

    Raises Invalid for dismissing yourself, NotFound if `by` can't see `member`.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t dismiss yourself as a suggestion."), code="dismiss_self")
    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        dismissed = exclude_from_suggestions(member_id=member.pk, to_id=by.pk)
        if dismissed:
            emit(SuggestionDismissed(member_id=by.pk, dismissed_id=member.pk))
        return dismissed


def restore_suggestion(*, member: Member, by: Member) -> bool:
    """Allow `member` to be suggested to `by` again. Return False if they weren't dismissed."""
    deleted, _ = Dismissal.objects.filter(member=by, dismissed=member).delete()
    return deleted > 0


def exclude_from_suggestions(*, member_id: int, to_id: int) -> bool:
    """Stop suggesting a member to one whose request or follow was ended without notifying them. For other actions."""
    return insert_once(Dismissal(member_id=to_id, dismissed_id=member_id))
