from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from core.events import deliver_many
from core.jobs import enqueue
from core.models import OutboxEvent, QueuedMail


def unpark_events(*, ids: Sequence[int]) -> int:
    """Retry parked events, with all their attempts. Return how many were parked."""
    with transaction.atomic():
        parked = list(OutboxEvent.objects.parked().filter(pk__in=ids).values_list("id", flat=True))
        OutboxEvent.objects.filter(pk__in=parked).update(
            parked_at=None, attempts=1, due_at=timezone.now(), error=""
        )
        enqueue(deliver_many, parked)
    return len(parked)


def retry_mails(*, ids: Sequence[int]) -> int:
    """Retry emails as if they were new, including given-up ones. Return how many there are."""
    now = timezone.now()
    rows = QueuedMail.objects.filter(pk__in=ids)
    return rows.update(given_up_at=None, refusals=0, created_at=now, due_at=now, error="")
