from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from core.jobs import enqueue
from core.models import OutboxEvent, QueuedMail
from core.tasks import deliver_many


def unpark_events(*, ids: Sequence[int]) -> int:
    """Let parked events be tried again from the first attempt on. Returns how many were parked."""
    with transaction.atomic():
        parked = list(OutboxEvent.objects.parked().filter(pk__in=ids).values_list("id", flat=True))
        OutboxEvent.objects.filter(pk__in=parked).update(
            parked_at=None, attempts=1, due_at=timezone.now(), error=""
        )
        enqueue(deliver_many, parked)
    return len(parked)


def retry_mails(*, ids: Sequence[int]) -> int:
    """Let mails be tried again as if they were new, also those that were given up. Returns how many there are."""
    now = timezone.now()
    rows = QueuedMail.objects.filter(pk__in=ids)
    return rows.update(given_up_at=None, refusals=0, created_at=now, due_at=now, error="")
