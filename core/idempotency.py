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


def recall(*, actor_id: int, purpose: str, key: str, content: str = "") -> int | None:
    """Return the id of what this key made before, None if it is new. Raises KeyReused, and Invalid for a bad key.

    For what is made under a lock of the actor's row, and then noted with `remember`; `once` needs neither.
    """
    _check_key(key)
    first = IdempotencyKey.objects.filter(actor_id=actor_id, purpose=purpose, key=key).first()
    return None if first is None else _result_of(first, content)


def remember(*, actor_id: int, purpose: str, key: str, result_id: int, content: str = "") -> None:
    """Note what a key that was new to `recall` has made, in the same transaction."""
    IdempotencyKey.objects.create(
        actor_id=actor_id, purpose=purpose, key=key, fingerprint=_fingerprint(content), result_id=result_id
    )


def _check_key(key: str) -> None:
    if len(key) > 200 or not key.isprintable():
        raise Invalid(_("An Idempotency-Key has at most 200 printable characters."))


def _result_of(first: IdempotencyKey, content: str) -> int:
    if first.fingerprint != _fingerprint(content):
        raise KeyReused(_("That Idempotency-Key was used before with other content."))
    return first.result_id


def _fingerprint(content: str) -> str:
    return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()


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
    _check_key(key)
    with transaction.atomic():
        row = IdempotencyKey(
            actor_id=actor_id,
            purpose=purpose,
            key=key,
            fingerprint=_fingerprint(content),
            result_id=result_id,
        )
        if insert_once(row):
            return make()
        first = IdempotencyKey.objects.get(actor_id=actor_id, purpose=purpose, key=key)
        return again(_result_of(first, content))
