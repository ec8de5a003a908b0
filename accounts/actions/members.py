"""Creating and closing accounts, profiles, badges, sessions."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.pending import end_pending
from accounts.actions.signup import admit
from accounts.actions.status import change_status
from accounts.events import ProfileEdited, SessionEnded
from accounts.former_names import former_names_among
from accounts.models import BIO_MAX, Member
from accounts.queries import GHOST, awaits_approval, belongs_to_another
from core import streams, text
from core.addresses import clean_address
from core.events import emit
from core.ids import id_at
from core.languages import is_offered
from core.refusals import Conflict, Forbidden, Invalid

SESSION_NAME_MAX = 40
PROFILE_FIELDS: dict[str, Callable[[str], str]] = {
    "display_name": text.clean_line,
    "bio": text.clean,
    "pronouns": text.clean_line,
    "location": text.clean_line,
    "website": text.clean_line,
}
_web_address = URLValidator(
    schemes=["http", "https"],
    message=gettext_lazy("Enter a web address that starts with http:// or https://."),
)


def _check_website(website: str) -> None:
    """Raise ValidationError for an invalid URL, or one that looks like another site's."""
    _web_address(website)
    # https://example.org@elsewhere.example/ leads to elsewhere.example.
    if "@" in urlsplit(website).netloc or "\\" in website:
        raise ValidationError(_("Enter a web address without a username or password."))


# --- Creating and closing ----------------------------------------------------------------------------------


def join(*, member: Member, invite: str = "", reason: str = "") -> Member:
    """Create the member that a sign-up describes.

    An address of another account is stored with EmailState.TAKEN, so that signing up doesn't reveal it. Raise Conflict
    if someone has just taken the username, and what `admit` raises.
    """
    member.email = clean_address(member.email) if member.email else None
    for _attempt in range(5):
        if former_names_among([member.username]):
            break
        taken = member.email is not None and belongs_to_another(member.email)
        member.email_state = Member.EmailState.TAKEN if taken else Member.EmailState.GIVEN
        try:
            with transaction.atomic():
                member.save(force_insert=True)
                admit(member=member, invite=invite, reason=reason)
            return member
        except IntegrityError:
            # Someone has just taken the username or the address; the address is never mentioned.
            if Member.objects.named(member.username).exists():
                break
    raise Conflict(_("That username was just taken. Please choose another."))


def import_member(
    *, username: str, joined_at: datetime, password: str | None = None, **fields: Any
) -> Member:
    """Create a member who joined in the past, without events and emails. Without a password, they can't sign in."""
    if email := fields.pop("email", None):
        fields["email"] = clean_address(email)
    member = Member(id=id_at(joined_at), username=username, joined_at=joined_at, **fields)
    member.set_password(password)
    member.save(force_insert=True)
    return member


def deactivate_member(*, member: Member, by: Member) -> bool:
    """Suspend an account: its sessions end, and its profile and posts are hidden. Return False if it was closed.

    An account that waits for deletion can no longer be restored; it is deleted on its day all the same.
    """
    if not by.is_staff:
        raise Forbidden
    if member.pk == by.pk:
        raise Invalid(_("You can’t delete the account you’re signed in with."))
    open_or_leaving = models.Q(is_active=True) | models.Q(deletion_requested_at__isnull=False)
    accounts = Member.objects.filter(open_or_leaving, closed_by_staff_at=None)
    return close_account(member=member, by=by, among=accounts, closed_by_staff_at=timezone.now())


def close_account(*, member: Member, by: Member, among: models.QuerySet[Member], **changes: datetime) -> bool:
    """Close the account if it is `among` these, and write these changes. Return False if it isn't.

    Either way its sessions end, and sockets that follow something of it are checked again.
    """
    with transaction.atomic():
        closed = change_status(member=member, among=among, is_active=False, **changes)
        end_sessions(member=member, by=by)
        streams.recheck_sockets_on(member.pk)
    member.is_active = False
    return closed


def reactivate_member(*, member: Member, by: Member) -> bool:
    if not by.is_staff:
        raise Forbidden
    if awaits_approval(member):
        raise Invalid(_("This is a sign-up request. Approve or decline it under Moderation."))
    # Computed before any read: after its grace period, an account is being erased and can't be opened.
    over = timezone.now() - timedelta(days=settings.ACCOUNT_GRACE_DAYS)
    closed = Member.objects.filter(is_active=False).exclude(username=GHOST)
    return change_status(
        member=member,
        among=closed.exclude(deletion_requested_at__lte=over),
        is_active=True,
        deletion_requested_at=None,
        closed_by_staff_at=None,
    )


# --- Profile -----------------------------------------------------------------------------------------------


def edit_profile(*, member: Member, by: Member, **fields: str) -> Member:
    """Change the given fields of the profile. Raise Invalid with a message for each invalid one."""
    if by.pk != member.pk and not by.is_staff:
        raise Forbidden(_("You can only edit your own profile."))
    unknown = fields.keys() - PROFILE_FIELDS.keys()
    if unknown:
        raise Invalid(fields={name: [_("You can’t change this.")] for name in unknown})
    values = {name: PROFILE_FIELDS[name](value) for name, value in fields.items()}
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        try:
            if name == "website" and value:
                _check_website(value)
            _field(name).clean(value, member)
        except ValidationError as fault:
            errors[name] = list(fault.messages)
        if name == "bio" and text.length(value) > BIO_MAX:
            errors[name] = [
                _("At most %(most)s characters. This has %(has)s.")
                % {"most": BIO_MAX, "has": text.length(value)}
            ]
    if errors:
        raise Invalid(fields=errors)
    with transaction.atomic():
        for name, value in values.items():
            setattr(member, name, value)
        Member.objects.filter(pk=member.pk).update(**values)
        emit(ProfileEdited(member_id=member.pk))
    return member


def _field(name: str) -> models.Field[Any, Any]:
    field = Member._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def choose_posting(*, by: Member, alt_reminder: bool) -> None:
    """Choose whether to be reminded of descriptions of pictures."""
    Member.objects.filter(pk=by.pk).update(reminds_of_alt=alt_reminder)
    by.reminds_of_alt = alt_reminder


def choose_theme(*, by: Member, theme: str) -> None:
    if theme not in Member.Theme.values:
        raise Invalid(fields={"theme": [_("Choose light, dark or system.")]})
    by.theme = theme
    Member.objects.filter(pk=by.pk).update(theme=theme)


def choose_autoplay(*, by: Member, autoplay: bool) -> None:
    """Set whether videos play by themselves, without sound."""
    by.autoplay = autoplay
    Member.objects.filter(pk=by.pk).update(autoplay=autoplay)


def choose_language(*, by: Member, language: str) -> None:
    """Set the language of pages and emails, one of settings.LANGUAGES; empty: the browser's."""
    if language and not is_offered(language):
        raise Invalid(fields={"language": [_("Choose one of the available languages.")]})
    by.language = language
    Member.objects.filter(pk=by.pk).update(language=language)


def grant_badge(*, member: Member, by: Member) -> bool:
    """Give the verified badge. Return False if the member had it."""
    return _set_flag(member, by, "is_verified", True)


def revoke_badge(*, member: Member, by: Member) -> bool:
    return _set_flag(member, by, "is_verified", False)


def make_moderator(*, member: Member, by: Member) -> bool:
    """Make the member a moderator. Return False if they were one."""
    return _set_flag(member, by, "is_moderator", True)


def unmake_moderator(*, member: Member, by: Member) -> bool:
    return _set_flag(member, by, "is_moderator", False)


def _set_flag(member: Member, by: Member, flag: str, value: bool) -> bool:
    if not by.is_staff:
        raise Forbidden
    with transaction.atomic():
        changed = Member.objects.filter(pk=member.pk, **{flag: not value}).update(**{flag: value})
        if changed:
            emit(ProfileEdited(member_id=member.pk))
    setattr(member, flag, value)
    return bool(changed)


# --- Sessions ----------------------------------------------------------------------------------------------


def end_sessions(
    *, member: Member, by: Member, keys: Iterable[str] | None = None, spare: str | None = None
) -> int:
    """Sign out the sessions with these keys, or all but the one to `spare`. Return how many there were.

    Their cookies and tokens are refused from the next request on; SessionEnded closes their sockets. Without `keys`,
    everything pending ends as well.
    """
    if by.pk != member.pk and not by.is_staff:
        raise Forbidden
    with transaction.atomic():
        sessions = UserSession.objects.filter(user=member).exclude(session_key=spare or "")
        if keys is not None:
            sessions = sessions.filter(session_key__in=list(keys))
        ended = list(sessions.values_list("session_key", flat=True))
        for key in ended:
            _forget_session(member.pk, key)
        if keys is None:
            end_pending(member=member)
    return len(ended)


def end_session(*, member_id: int, session_key: str) -> None:
    """Sign out one session, whether it is in the list of sessions or not."""
    with transaction.atomic():
        _forget_session(member_id, session_key)


def name_session(*, member: Member, session_id: int, name: str) -> bool:
    """Name a session; if empty, the browser’s name is shown. Return False if there is no such session."""
    name = text.clean_line(name)[:SESSION_NAME_MAX]
    with transaction.atomic():
        session = UserSession.objects.select_for_update().filter(user=member, pk=session_id).first()
        if session is None:
            return False
        data = {key: value for key, value in session.data.items() if key != "name"}
        session.data = data | ({"name": name} if name else {})
        session.save(update_fields=["data"])
    return True


def touch_session(*, session_key: str, address: str | None = None) -> None:
    """Record that the session has just been used, from this address."""
    seen: dict[str, Any] = {"last_seen_at": timezone.now()}
    if address:
        seen["ip"] = address
    UserSession.objects.filter(session_key=session_key).update(**seen)


def _forget_session(member_id: int, key: str) -> None:
    UserSession.objects.filter(session_key=key).delete()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    store().delete(key)
    # The session may have been cached again before the row was deleted.
    transaction.on_commit(lambda: store().delete(key))
    emit(SessionEnded(member_id=member_id, session_key=key))
