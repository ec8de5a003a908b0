from collections.abc import Iterable

from django.utils import timezone

from accounts.limits import KNOWN_FOR
from accounts.models import Member, SignInPlace

PLACES_MAX = 50


def remember_places(*, member: Member, digests: Iterable[str]) -> None:
    """Store that the member has just signed in from these places (accounts.limits), and delete old ones."""
    now = timezone.now()
    for digest in digests:
        SignInPlace.objects.update_or_create(member=member, digest=digest, defaults={"last_used_at": now})
    places = SignInPlace.objects.filter(member=member)
    kept = list(places.order_by("-last_used_at", "-pk").values_list("pk", flat=True)[:PLACES_MAX])
    places.exclude(pk__in=kept, last_used_at__gt=now - KNOWN_FOR).delete()
