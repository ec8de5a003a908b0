"""Idempotency keys: the same request sent twice has one effect and gets the same response.

Source: IETF draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from core.db import insert_once
from core.models import IdempotencyKey
from core.refusals import Conflict, Invalid

T = TypeVar("T")


class KeyReused(Conflict):
    """The key was used before with other content."""


def key_of_form(form_key: str, text: str) -> str | None:
    """Return the key of this text in this form; None without one.

    A form that is shown again by the Back button has the same key, so the text is added: another text is another
    request.
    """
    return (
        f"{form_key}:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:16]}"
        if form_key
        else None
    )


def once(
    *,
    actor_id: int,
    purpose: str,
    key: str | None,
    content: str,
    result_id: int,
    make: Callable[[], T],
    again: Callable[[int], T],
) -> T:
    """Call `make()` to create the object with id `result_id`; if `key` was used before, call `again(id of the first)`
    instead.

    Without a key it always calls `make`. Raises KeyReused if the key was used with other content. Call it inside the
    transaction of the write.
    """
    if not key:
        return make()
    if len(key) > 200 or not key.isprintable():
        raise Invalid(_("An Idempotency-Key has at most 200 printable characters."))
    fingerprint = hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()
    with transaction.atomic():
        row = IdempotencyKey(
            actor_id=actor_id,
            purpose=purpose,
            key=key,
            fingerprint=fingerprint,
            result_id=result_id,
        )
        if insert_once(row):
            return make()
        first = IdempotencyKey.objects.get(actor_id=actor_id, purpose=purpose, key=key)
        if first.fingerprint != fingerprint:
            raise KeyReused(_("That Idempotency-Key was used before with other content."))
        return again(first.result_id)
