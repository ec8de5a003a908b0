"""A member's interests, and the first steps."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.events import InterestsChosen
from accounts.models import Interest, Member
from accounts.queries import topics as all_topics
from core.events import emit
from core.refusals import Invalid


def choose_interests(*, by: Member, topics: Collection[str]) -> None:
    """Set the topics (settings.TOPICS) that `by` is interested in. Raise Invalid for an unknown one."""
    if set(topics) - {topic.key for topic in all_topics()}:
        raise Invalid(fields={"topics": [_("Choose from the topics in the list.")]})
    with transaction.atomic():
        Interest.objects.filter(member=by).exclude(topic__in=topics).delete()
        Interest.objects.bulk_create(
            [Interest(member=by, topic=topic) for topic in sorted(set(topics))], ignore_conflicts=True
        )
        emit(InterestsChosen(member_id=by.pk))


def finish_onboarding(*, by: Member) -> bool:
    """Mark the first steps as finished or skipped. Return False if they were already."""
    by.onboarded_at = by.onboarded_at or timezone.now()
    left = Member.objects.filter(pk=by.pk, onboarded_at=None).update(onboarded_at=by.onboarded_at)
    return bool(left)


def import_interests(interests: Iterable[tuple[int, str]]) -> None:
    """Add many (member, topic) pairs without events; existing ones stay."""
    with transaction.atomic():
        Interest.objects.bulk_create(
            [Interest(member_id=member_id, topic=topic) for member_id, topic in interests],
            1000,
            ignore_conflicts=True,
        )
