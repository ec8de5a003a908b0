from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from core.jobs import enqueue
from core.models import OutboxEvent
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
