"""How often a password or code may be guessed, and how many mails an address may be sent.

Guesses are counted for the member, however they are named and by whatever door. Who signed in from this browser or
network before has a count of their own: mistakes made elsewhere do not keep them out.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Member, SignInPlace
from core.addresses import mailbox
from core.client import address_group, client_address
from core.rates import Rate, count_attempt, uncount_attempt

GUESSES = Rate(5, 300)
MAILS = (Rate(4, 3600), Rate(10, 86_400))
"""How many mails that anybody can ask for one mailbox gets."""
DEVICE_COOKIE = "device"
KNOWN_FOR = timedelta(days=90)
"""How long a browser or network counts as known after its last sign-in."""


@dataclass(frozen=True)
class Guess:
    """One guess, counted. `allowed` says whether it may be looked at."""

    key: str
    allowed: bool
    retry_after: int

    def was_right(self) -> None:
        """Take it off the count again."""
        uncount_attempt(self.key, GUESSES)


def count_guess(kind: str, *, whose: str, place: str) -> Guess:
    """Count one more guess of `kind` ("password", "code") at what is `whose`, from `place`."""
    key = f"{kind}:{whose}:{place}"
    verdict = count_attempt(key, GUESSES)
    return Guess(key, verdict.allowed, verdict.reset)


def guess_for_member(kind: str, request: HttpRequest, member: Member) -> Guess:
    """Count a guess at a password or code of this member."""
    return count_guess(kind, whose=f"m{member.pk}", place=place_of(request, member))


def guess_for_nobody(kind: str, login: str) -> Guess:
    """Count a guess for a name that nobody has: it is limited like any other."""
    return count_guess(kind, whose=f"n{_digest(login.lower())}", place=ELSEWHERE)


ELSEWHERE = "elsewhere"
"""All places that are not known, counted together."""


def place_of(request: HttpRequest, member: Member) -> str:
    """Return what to count this request's guesses under: its browser or network if the member is known there.

    Whoever is signed in as the member is known, wherever they are.
    """
    device, network = _digests(request, member)
    known = set(
        SignInPlace.objects.filter(
            member=member, digest__in=[device, network], last_used_at__gt=timezone.now() - KNOWN_FOR
        ).values_list("digest", flat=True)
    )
    if device in known:
        return device
    if network in known or request.user.pk == member.pk or _is_signed_in_nearby(request, member):
        return network
    return ELSEWHERE


def _is_signed_in_nearby(request: HttpRequest, member: Member) -> bool:
    """Whether a session of the member was last used in this network, wherever it began."""
    here = address_group(client_address(request))
    addresses = UserSession.objects.filter(user=member).values_list("ip", flat=True)[:100]
    return any(address_group(address) == here for address in addresses)


def is_known_device(request: HttpRequest, member: Member) -> bool:
    """Whether the member has signed in from this very browser."""
    device = _digests(request, member)[0]
    if not device:
        return False
    since = timezone.now() - KNOWN_FOR
    return SignInPlace.objects.filter(member=member, digest=device, last_used_at__gt=since).exists()


def places_here(request: HttpRequest, member: Member) -> list[str]:
    """The digests under which this browser (if it has a cookie) and network are kept as known to the member."""
    return [digest for digest in _digests(request, member) if digest]


def mail_is_due(address: str) -> bool:
    """Count one more mail that anybody can ask for, and say whether its mailbox may have it."""
    box = _digest(mailbox(address))
    return all(count_attempt(f"mail:{box}", rate).allowed for rate in MAILS)


def _digests(request: HttpRequest, member: Member) -> tuple[str, str]:
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    network = address_group(client_address(request))
    return (
        _digest(f"device:{member.pk}:{device}") if device else "",
        _digest(f"network:{member.pk}:{network}"),
    )


def _digest(text: str) -> str:
    """Keyed: whoever reads the database or the cache must not learn addresses from it by trying them."""
    key = f"limits:{settings.SECRET_KEY}".encode()
    return hmac.new(key, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
