"""Deletes what core stores about a member, without importing their model."""

from core.db import delete_some
from core.models import IdempotencyKey, OutboxEvent


def forget_events(member_id: int) -> int:
    """Delete events about the member, and take the member out of those about several. Delivered ones are no longer
    needed, and the others would be about a deleted member.
    """
    keys = []
    named = OutboxEvent.objects.filter(payload__icontains=str(member_id))
    for pk, payload in named.values_list("pk", "payload").iterator():
        if member_id in payload.values() or str(member_id) in payload.values():
            keys.append(pk)
        elif lists := {k: v for k, v in payload.items() if isinstance(v, list) and member_id in v}:
            without = {name: [i for i in ids if i != member_id] for name, ids in lists.items()}
            OutboxEvent.objects.filter(pk=pk).update(payload=payload | without)
    return delete_some(OutboxEvent.objects.filter(pk__in=keys[:500]))


def forget_keys(member_id: int) -> int:
    return delete_some(IdempotencyKey.objects.filter(actor_id=member_id))
