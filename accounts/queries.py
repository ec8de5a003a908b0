import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.devices import device_name
from accounts.former_names import former_names_among
from accounts.models import (
    INVITE_CODE_MAX,
    DataExport,
    DataImport,
    DataImportRow,
    Interest,
    Invite,
    Member,
    SignupRequest,
)
from core.client import address_group
from core.refusals import Forbidden, NotFound
from core.text import USERNAME_MAX, USERNAME_MIN, fold_tag, normalized


def visible_member(username: str, *, viewer: Member | None) -> Member:
    """Return the member with this username. Raise NotFound if there is none that the viewer may see."""
    member = Member.objects.visible_to(viewer).named(username).first()
    if member is None:
        raise NotFound(_("This account doesn’t exist."))
    return member


def visible_member_by_id(member_id: int, *, viewer: Member | None) -> Member:
    """Return the member with this id. Raise NotFound like `visible_member`."""
    member = Member.objects.visible_to(viewer).filter(pk=member_id).first()
    if member is None:
        raise NotFound(_("This account doesn’t exist."))
    return member


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of interest: its name, and the folded hashtags of posts about it."""

    key: str
    name: str
    """As written within a sentence."""
    tags: tuple[str, ...]

    @property
    def label(self) -> str:
        """As written on its own."""
        return capfirst(self.name)


def topics() -> list[Topic]:
    """Return the topics that members can choose from (settings.TOPICS), in order."""
    return [
        Topic(topic["key"], str(topic["label"]), tuple(fold_tag(tag) for tag in topic["tags"]))
        for topic in settings.TOPICS
    ]


def interests_of(member: Member) -> list[Topic]:
    """Return the member's topics, in the order of all topics, without any that are no longer in the settings."""
    chosen = set(Interest.objects.filter(member=member).values_list("topic", flat=True))
    return [topic for topic in topics() if topic.key in chosen]


def address_owner(address: str) -> Member | None:
    """Return the owner of an address: who has confirmed it, or else the account that had it first.

    `address` is spelled as by `clean_address`. Accounts that only claim it (Member.EmailState.TAKEN) don't count.
    """
    # Always run both queries, so that an unknown address takes as long as a known one.
    confirmed, given = _confirmed_by(address), _given_to(address)
    return confirmed or given


def belongs_to_another(address: str, member: Member | None = None) -> bool:
    """Return whether the address belongs to another account than `member`'s."""
    owner = address_owner(address)
    return owner is not None and (member is None or owner.pk != member.pk)


def can_be_confirmed(address: EmailAddress) -> bool:
    """Return whether the link in an email may still confirm this address."""
    member = address.user
    return bool(address.can_set_verified()) and (member.is_active or awaits_approval(member))


def sign_in_owner(address: str) -> Member | None:
    """Return the owner of an address for signing in: who has confirmed it, or had it before that was required.

    Those who only entered it at sign-up don't count (`unconfirmed_claimants`).
    """
    confirmed, given = _confirmed_by(address), _given_to(address)
    if given is not None and given.email_state == Member.EmailState.GIVEN and confirms_addresses():
        return confirmed
    return confirmed or given


def _confirmed_by(address: str) -> Member | None:
    row = EmailAddress.objects.select_related("user").filter(email=address, verified=True).first()
    return row.user if row is not None else None


def _given_to(address: str) -> Member | None:
    return Member.objects.filter(email=address).exclude(email_state=Member.EmailState.TAKEN).first()


def confirms_addresses() -> bool:
    """Return whether this site sends emails to confirm addresses (EMAIL_VERIFICATION)."""
    return str(settings.ACCOUNT_EMAIL_VERIFICATION) != "none"


def unconfirmed_claimants(address: str) -> "QuerySet[Member]":
    """Return who entered this address at sign-up without confirming it, whether it is theirs or not; newest first."""
    return Member.objects.filter(email=address).exclude(email_state=Member.EmailState.TRUSTED).order_by("-pk")


def free_username(hint: str) -> str:
    """Return a free username similar to `hint` (a name, an address or a username)."""
    plain = normalized(hint.split("@")[0], "NFKD").encode("ascii", "ignore").decode().lower()
    base = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]+", "_", plain)).strip("_")[:USERNAME_MAX]
    if len(base) < USERNAME_MIN or base in settings.ACCOUNT_USERNAME_BLACKLIST:
        base = f"member_{base}".rstrip("_")
    candidates = [base, *(f"{base[: USERNAME_MAX - 4]}{n}" for n in range(2, 10))]
    # Then random ones: numbers in sequence would reveal how many there are.
    candidates += [f"{base[: USERNAME_MAX - 6]}_{secrets.randbelow(100_000):05}" for _ in range(20)]
    taken = set(Member.objects.filter(username__in=candidates).values_list("username", flat=True))
    taken |= former_names_among(candidates)
    return next(name for name in candidates if name not in taken)


LINK_SALT = "accounts.export"
LINK_SECONDS = 600


def exports_of(member: Member) -> "QuerySet[DataExport]":
    """Return the member's exports, to be paged by id, newest first."""
    return DataExport.objects.filter(member=member).select_related("member").order_by("-id")


def own_export(export_id: int, member: Member) -> DataExport:
    """Return one of the member's exports. Raise NotFound."""
    export = DataExport.objects.select_related("member").filter(member=member, pk=export_id).first()
    if export is None:
        raise NotFound
    return export


def export_link_key(export: DataExport) -> str:
    """Return the key of a download link, valid for ten minutes, or until everything pending ends."""
    whole = TimestampSigner(salt=LINK_SALT).sign(_link_of(export))
    return whole.removeprefix(f"{_link_of(export)}:")


def _link_of(export: DataExport) -> str:
    return f"{export.pk}-{export.member_id}-{export.member.security_epoch}"


def export_to_download(export_id: int, member: Member, key: str) -> DataExport:
    """Return an export whose file may be sent. Raise NotFound if there is none of the member's, Forbidden if the link
    has expired.
    """
    export = own_export(export_id, member)
    if export.state != DataExport.State.READY or not export.file:
        raise NotFound(_("This copy is no longer available."))
    try:
        TimestampSigner(salt=LINK_SALT).unsign(f"{_link_of(export)}:{key}", max_age=LINK_SECONDS)
    except BadSignature:
        raise Forbidden(
            _("The link to the file has expired: it works for ten minutes. Please get a new one."),
            code="link_expired",
        ) from None
    return export


def imports_of(member: Member) -> "QuerySet[DataImport]":
    """Return the member's imports, to be paged by id, newest first."""
    return DataImport.objects.filter(member=member).order_by("-id")


def own_import(import_id: int, member: Member) -> DataImport:
    """Return one of the member's imports. Raise NotFound."""
    run = DataImport.objects.filter(member=member, pk=import_id).first()
    if run is None:
        raise NotFound
    return run


def outcomes_of(run: DataImport) -> dict[str, int]:
    """Count the rows of an import by outcome."""
    counted = dict(run.rows.order_by().values_list("outcome").annotate(n=Count("pk")))
    return {outcome: counted.get(outcome, 0) for outcome in DataImportRow.Outcome.values}


GHOST = "-"
"""The username of the account that replaces deleted members: members can't choose this character."""


def members_due_for_erasure() -> "QuerySet[Member]":
    """Return the members whose grace period is over."""
    over = timezone.now() - timedelta(days=settings.ACCOUNT_GRACE_DAYS)
    return Member.objects.filter(is_active=False, deletion_requested_at__lte=over)


def is_due_for_erasure(member_id: int) -> bool:
    return members_due_for_erasure().filter(pk=member_id).exists()


def erased_on(member: Member) -> datetime | None:
    """Return when a member who requested deletion will be deleted; None for everyone else, and if staff have suspended
    the account, so that it can't be restored.
    """
    if member.is_active or member.deletion_requested_at is None or member.closed_by_staff_at is not None:
        return None
    return member.deletion_requested_at + timedelta(days=settings.ACCOUNT_GRACE_DAYS)


@dataclass(frozen=True)
class Device:
    """A session, as its owner sees it in the list."""

    session: UserSession
    name: str
    kind: str
    is_current: bool
    browser: str = ""
    """The browser's name, if the owner has named the session."""

    @property
    def place(self) -> str:
        """Where it was last used: an IPv4 address, or the network of an IPv6 address, since these change often."""
        return address_group(self.session.ip)


def devices_of(member: Member, *, current: str | None) -> list[Device]:
    """Return where the member is signed in, this device first, then by last use. Delete expired sessions."""
    devices = []
    for session in UserSession.objects.purge_and_list(member):
        name, kind = device_name(session.user_agent)
        given = session.data.get("name") or ""
        devices.append(
            Device(
                session, given or name, kind, session.session_key == current, browser=name if given else ""
            )
        )
    return sorted(devices, key=lambda d: (not d.is_current, -d.session.last_seen_at.timestamp()))


def valid_invite(code: str) -> Invite | None:
    """Return the valid invite with this code; its owner's account must be open."""
    # Codes are short ASCII; PostgreSQL rejects NUL, even in a query.
    if not code or len(code) > INVITE_CODE_MAX or not code.isascii() or "\0" in code:
        return None
    return Invite.objects.valid().select_related("by").filter(code=code, by__is_active=True).first()


def invites_of(member: Member) -> QuerySet[Invite]:
    """Return the member's invites, to be paged by id, newest first."""
    return Invite.objects.filter(by=member)


def own_invite(invite_id: int, *, viewer: Member) -> Invite:
    """Return one of the viewer's invites. Raise NotFound."""
    invite = Invite.objects.filter(pk=invite_id, by=viewer).first()
    if invite is None:
        raise NotFound(_("This invite doesn’t exist."))
    return invite


def awaits_approval(member: Member) -> bool:
    """Return whether the member's sign-up request waits for a moderator."""
    return SignupRequest.objects.waiting().filter(member=member).exists()


def signup_requests() -> QuerySet[SignupRequest]:
    """Return the waiting sign-up requests, to be paged by (created_at, member); for moderators only."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("member"), verified=True)
    return SignupRequest.objects.waiting().select_related("member").annotate(confirmed=Exists(confirmed))
