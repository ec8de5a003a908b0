import re
import secrets
import unicodedata
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.conf import settings

from accounts.devices import device_name
from accounts.models import Member
from core.refusals import NotFound
from core.text import USERNAME_MAX, USERNAME_MIN


def visible_member(username: str, *, viewer: Member | None) -> Member:
    """The member of that name. Raises NotFound when there is none, or none for this viewer."""
    member = Member.objects.visible_to(viewer).named(username).first()
    if member is None:
        raise NotFound("There is no member of that name.")
    return member


def free_username(hint: str) -> str:
    """A username that nobody has, as near to `hint` (a name, an address, a username) as may be."""
    plain = unicodedata.normalize("NFKD", hint.split("@")[0]).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]+", "_", plain)).strip("_")[:USERNAME_MAX]
    if len(base) < USERNAME_MIN or base in settings.ACCOUNT_USERNAME_BLACKLIST:
        base = f"member_{base}".rstrip("_")
    candidates = [base, *(f"{base[: USERNAME_MAX - 4]}{n}" for n in range(2, 10))]
    # Beyond the first few, chance: whoever counts upwards tells how many came before.
    candidates += [f"{base[: USERNAME_MAX - 6]}_{secrets.randbelow(100_000):05}" for _ in range(20)]
    taken = set(Member.objects.filter(username__in=candidates).values_list("username", flat=True))
    return next(name for name in candidates if name not in taken)


@dataclass(frozen=True)
class Device:
    """One session, as its owner sees it in the list."""

    session: UserSession
    name: str
    kind: str
    is_current: bool


def devices_of(member: Member, *, current: str | None) -> list[Device]:
    """Where the member is signed in, this device first, then the last used. Sessions that have lapsed are forgotten."""
    devices = []
    for session in UserSession.objects.purge_and_list(member):
        name, kind = device_name(session.user_agent)
        devices.append(Device(session, name, kind, session.session_key == current))
    return sorted(devices, key=lambda d: (not d.is_current, -d.session.last_seen_at.timestamp()))
