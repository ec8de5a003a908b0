from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager, PermissionsMixin
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.blocks import blocked_either_way
from core.addresses import clean_address, validate_address
from core.fields import SnowflakeField
from core.passwords import password_forms, same_password
from core.text import USERNAME_MAX, USERNAME_MIN

DISPLAY_NAME_MAX = 255
BIO_MAX = 500
ONBOARDING_PERIOD = timedelta(days=14)
"""For how long a new member is sent to the first steps after signing in."""

username_validators: list[Callable[[str], None]] = [
    RegexValidator(r"^[a-z0-9_]+\Z", _("Use only letters (a–z), digits and underscores.")),
    MinLengthValidator(USERNAME_MIN),
]


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, viewer: "Member | None") -> Self:
        """Members that the viewer may see. Private accounts are visible to everyone; their posts aren't."""
        shown = self.filter(is_active=True)
        return shown if viewer is None else shown.exclude(pk__in=blocked_either_way(viewer))

    def named(self, username: str) -> Self:
        # PostgreSQL rejects NUL, even in a query.
        return self.filter(username=username.lower().replace("\0", " "))


class MemberManager(BaseUserManager["Member"]):
    def get_queryset(self) -> MemberQuerySet:
        return MemberQuerySet(self.model, using=self._db)

    def visible_to(self, viewer: "Member | None") -> MemberQuerySet:
        return self.get_queryset().visible_to(viewer)

    def named(self, username: str) -> MemberQuerySet:
        return self.get_queryset().named(username)

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(username=(username or "").lower())

    def create_user(
        self, username: str, email: str = "", password: str | None = None, **fields: Any
    ) -> "Member":
        member = self.model(
            username=username.lower(),
            email=clean_address(email) if email else None,
            **fields,
        )
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(
        self, username: str, email: str = "", password: str | None = None, **fields: Any
    ) -> "Member":
        fields |= {"is_staff": True, "is_superuser": True, "is_moderator": True}
        return self.create_user(username, email, password, **fields)


class Member(AbstractBaseUser, PermissionsMixin):
    """A member of the community; the demo's are simulated."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Writers(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        FOLLOWED = "followed", _("People I follow")
        NOBODY = "nobody", _("Nobody")

    class EmailState(models.TextChoices):
        # Confirmed, or set by an operator: it can be used to sign in.
        TRUSTED = "trusted", "Trusted"
        # Entered at sign-up: emails go there, and it can be used to sign in once confirmed.
        GIVEN = "given", "Given"
        # Entered at sign-up, but another account's: nothing is sent there. Its owner was told (actions.join).
        TAKEN = "taken", "Taken"

    id = SnowflakeField(primary_key=True)
    # With verbose names, because a password may be refused for being too similar to one of these.
    username = models.CharField(
        _("username"), max_length=USERNAME_MAX, unique=True, validators=username_validators
    )
    email = models.EmailField(
        _("email address"), null=True, blank=True, db_index=True, validators=[validate_address]
    )
    email_state = models.CharField(
        max_length=7,
        choices=EmailState,
        default=EmailState.TRUSTED,
        help_text="Whether the address is trusted, unconfirmed or taken. Confirmed ones are in EmailAddress.",
    )
    display_name = models.CharField(max_length=DISPLAY_NAME_MAX, blank=True)
    bio = models.TextField(max_length=BIO_MAX, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    location = models.CharField(max_length=100, blank=True)
    website = models.URLField(max_length=200, blank=True)
    avatar = models.ImageField(upload_to="avatars", blank=True)
    cover = models.ImageField(upload_to="covers", blank=True)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    language = models.CharField(max_length=10, blank=True, help_text="Empty: same as browser.")
    autoplay = models.BooleanField(
        default=False, db_default=False, help_text="Videos in view play by themselves, without sound."
    )

    is_verified = models.BooleanField(default=False, help_text="Shows the verified badge.")
    is_simulated = models.BooleanField(default=False, help_text="Simulated member, marked as such.")
    is_moderator = models.BooleanField(default=False, help_text="Can see reports and decide about posts.")
    is_staff = models.BooleanField(default=False, help_text="Can sign in to the admin.")
    is_active = models.BooleanField(default=True, help_text="Uncheck instead of deleting.")
    joined_at = models.DateTimeField(default=timezone.now)

    is_private = models.BooleanField(default=False, help_text="Only approved followers can see the posts.")
    is_discoverable = models.BooleanField(
        default=True, help_text="Can be suggested to others and found by web search engines."
    )
    reminds_of_alt = models.BooleanField(
        default=True, db_default=True, help_text="Is asked before posting a picture without a description."
    )
    may_write = models.CharField(
        max_length=8,
        choices=Writers,
        default=Writers.EVERYONE,
        help_text="Who can message the member.",
    )
    onboarded_at = models.DateTimeField(
        null=True, blank=True, help_text="When onboarding was finished or skipped."
    )
    deletion_requested_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The account is closed and will be deleted after the grace period.",
    )

    closed_by_staff_at = models.DateTimeField(
        null=True, blank=True, help_text="Suspended by staff: the owner can’t reopen it."
    )

    security_epoch = models.PositiveIntegerField(
        default=0, help_text="Increased when everything pending is ended (actions.end_pending)."
    )

    followers_count = models.PositiveIntegerField(default=0)
    following_count = models.PositiveIntegerField(default=0)
    posts_count = models.PositiveIntegerField(default=0)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="member_email_once", condition=~models.Q(email_state="taken")
            ),
            models.CheckConstraint(
                condition=models.Q(username=Lower("username")),
                name="member_username_lower",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # NULL rather than "", so that several accounts can be without an address.
        self.email = self.email or None
        super().save(*args, **kwargs)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password if raw_password is None else same_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether this is the password, in any Unicode form."""
        forms = [None] if raw_password is None else password_forms(raw_password)
        return any(super(Member, self).check_password(form) for form in forms)

    @property
    def name(self) -> str:
        """The display name, or else the username."""
        return self.display_name or self.username

    @property
    def initial(self) -> str:
        return self.name[:1].upper()

    @property
    def hue(self) -> int:
        """Which of twelve colors replaces a missing avatar."""
        return (self.id >> 12) % 12

    @property
    def avatar_url(self) -> str:
        return self.avatar.url if self.avatar else ""

    @property
    def cover_url(self) -> str:
        return self.cover.url if self.cover else ""

    @property
    def is_public(self) -> bool:
        """Whether everyone may see the member's posts."""
        return self.is_active and not self.is_private

    @property
    def is_new(self) -> bool:
        """Whether the member joined in the last NEW_MEMBER_DAYS."""
        return bool((timezone.now() - self.joined_at).days < settings.NEW_MEMBER_DAYS)

    @property
    def is_onboarding(self) -> bool:
        """Whether the member joined lately, and has neither finished nor skipped the first steps (/start)."""
        lately = timezone.now() - self.joined_at < ONBOARDING_PERIOD
        return lately and self.onboarded_at is None and not self.is_simulated

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("feed:profile", args=[self.username])
