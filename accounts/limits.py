"""Limits on guessing passwords and codes, and on emails to one address.

Guesses are counted per member, whatever name or entry point is used. A browser or network from which the member has
signed in before has its own count, so that mistakes made elsewhere don't lock them out.
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
"""How many of the emails that anyone can request are sent to one mailbox."""
DEVICE_COOKIE = "device"
KNOWN_FOR = timedelta(days=90)
"""How long a browser or network counts as known after its last sign-in."""


@dataclass(frozen=True)
class Guess:
    """A counted guess. `allowed` says whether it may be checked."""

    key: str
    allowed: bool
    retry_after: int

    def uncount(self) -> None:
        """Take the guess off the count again, because it was right."""
        uncount_attempt(self.key, GUESSES)


def count_guess(kind: str, *, whose: str, place: str) -> Guess:
    """Count a guess of `kind` ("password", "code") for `whose` account, from `place`."""
    key = f"{kind}:{whose}:{place}"
    verdict = count_attempt(key, GUESSES)
    return Guess(key, verdict.allowed, verdict.reset)


def guess_for_member(kind: str, request: HttpRequest, member: Member) -> Guess:
    """Count a guess at a password or code of this member."""
    return count_guess(kind, whose=f"m{member.pk}", place=place_of(request, member))


def guess_for_nobody(kind: str, login: str) -> Guess:
    """Count a guess for a name that doesn't exist, which is limited like any other."""
    return count_guess(kind, whose=f"n{_digest(login.lower())}", place=ELSEWHERE)


ELSEWHERE = "elsewhere"
"""All unknown places, counted together."""


def place_of(request: HttpRequest, member: Member) -> str:
    """Return the place to count this request's guesses for: its browser or network if known, or else ELSEWHERE.

    Someone who is signed in as the member is known anywhere.
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
    """Return whether a session of the member was last used in this network."""
    here = address_group(client_address(request))
    addresses = UserSession.objects.filter(user=member).values_list("ip", flat=True)[:100]
    return any(address_group(address) == here for address in addresses)


def is_known_device(request: HttpRequest, member: Member) -> bool:
    """Return whether the member has signed in from this browser."""
    device = _digests(request, member)[0]
    if not device:
        return False
    since = timezone.now() - KNOWN_FOR
    return SignInPlace.objects.filter(member=member, digest=device, last_used_at__gt=since).exists()


def place_digests(request: HttpRequest, member: Member) -> list[str]:
    """Return the digests by which this browser (if it has a cookie) and network are known for the member."""
    return [digest for digest in _digests(request, member) if digest]


def may_send_mail(address: str) -> bool:
    """Count an email that anyone can request, and return whether it may be sent."""
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
    """Return a keyed hash, so that addresses can't be found in the database or the cache by trying them."""
    key = f"limits:{settings.SECRET_KEY}".encode()
    return hmac.new(key, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
