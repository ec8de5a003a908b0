from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager, PermissionsMixin
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from core.fields import SnowflakeField
from core.text import USERNAME_MAX, USERNAME_MIN

DISPLAY_NAME_MAX = 255
BIO_MAX = 500
START_WITHIN = timedelta(days=14)
"""For how long a new member is led to the first steps."""

username_validators: list[Callable[[str], None]] = [
    RegexValidator(r"^[a-z0-9_]+\Z", "Letters a to z, digits and _ only."),
    MinLengthValidator(USERNAME_MIN),
]


def apart_from(viewer: "Member | None") -> "models.QuerySet[Block, int]":
    """The ids of those whom a block, made by either side, parts from the viewer; lazy, to be a subquery."""
    mine = Block.objects.filter(blocker=viewer).values_list("blocked_id", flat=True)
    if viewer is None:
        return mine.none()
    return mine.union(Block.objects.filter(blocked=viewer).values_list("blocker_id", flat=True), all=True)


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, viewer: "Member | None") -> Self:
        """Whom this viewer may know of at all: of a private account everybody, though not of what it posts."""
        shown = self.filter(is_active=True)
        return shown if viewer is None else shown.exclude(pk__in=apart_from(viewer))

    def named(self, username: str) -> Self:
        # PostgreSQL takes no NUL, not even to say that nobody is called so.
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
            email=self.normalize_email(email) or None,
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
    """A person, or a simulated one, with an account here."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Writers(models.TextChoices):
        EVERYONE = "everyone", "Everyone"
        FOLLOWED = "followed", "People I follow"
        NOBODY = "nobody", "Nobody"

    id = SnowflakeField(primary_key=True)
    username = models.CharField(max_length=USERNAME_MAX, unique=True, validators=username_validators)
    email = models.EmailField(unique=True, null=True, blank=True)
    display_name = models.CharField(max_length=DISPLAY_NAME_MAX, blank=True)
    bio = models.TextField(max_length=BIO_MAX, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    location = models.CharField(max_length=100, blank=True)
    website = models.URLField(max_length=200, blank=True)
    avatar = models.ImageField(upload_to="avatars", blank=True)
    cover = models.ImageField(upload_to="covers", blank=True)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    language = models.CharField(max_length=10, blank=True, help_text="Empty: as the browser asks for it.")

    is_verified = models.BooleanField(default=False, help_text="Shows the verified badge.")
    is_simulated = models.BooleanField(default=False, help_text="A persona, not a person; marked as such.")
    is_moderator = models.BooleanField(default=False, help_text="May see reports and decide on posts.")
    is_staff = models.BooleanField(default=False, help_text="May sign in to the admin.")
    is_active = models.BooleanField(default=True, help_text="Switch off instead of deleting.")
    joined_at = models.DateTimeField(default=timezone.now)

    is_private = models.BooleanField(
        default=False, help_text="Only followers whom the member let in read the posts."
    )
    is_discoverable = models.BooleanField(
        default=True, help_text="May be suggested to others, and found by search engines of the web."
    )
    may_write = models.CharField(
        max_length=8,
        choices=Writers,
        default=Writers.EVERYONE,
        help_text="Who may begin a conversation with the member.",
    )
    onboarded_at = models.DateTimeField(
        null=True, blank=True, help_text="When the first steps were done or left."
    )
    deletion_requested_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The account is closed, and erased when the days of grace are over.",
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
            models.UniqueConstraint(Lower("email"), name="member_email_once"),
            models.CheckConstraint(
                condition=models.Q(username=Lower("username")),
                name="member_username_lower",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Two accounts without an address are not two with the same one.
        self.email = self.email or None
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """What to call the member: the display name, or else the username."""
        return self.display_name or self.username

    @property
    def initial(self) -> str:
        return self.name[:1].upper()

    @property
    def hue(self) -> int:
        """Which of twelve colours stands in for a missing avatar."""
        return (self.id >> 12) % 12

    @property
    def avatar_url(self) -> str:
        return self.avatar.url if self.avatar else ""

    @property
    def cover_url(self) -> str:
        return self.cover.url if self.cover else ""

    @property
    def is_new(self) -> bool:
        """Joined so lately that nobody here knows them yet (NEW_MEMBER_DAYS)."""
        return bool((timezone.now() - self.joined_at).days < settings.NEW_MEMBER_DAYS)

    @property
    def is_starting(self) -> bool:
        """Has joined lately, and neither done nor left the first steps (/start)."""
        lately = timezone.now() - self.joined_at < START_WITHIN
        return lately and self.onboarded_at is None and not self.is_simulated

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("feed:profile", args=[self.username])


class Block(models.Model):
    """`blocker` and `blocked` are not there for each other. It stands here, below all that is social, because it
    decides who is visible to whom.
    """

    id = SnowflakeField(primary_key=True)
    blocker = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(
                condition=~models.Q(blocker=models.F("blocked")),
                name="block_not_self",
            ),
        ]
        indexes = [
            models.Index(fields=["blocker", "-id"], name="block_by"),
            models.Index(fields=["blocked", "blocker"], name="block_of"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} ✕ {self.blocked_id}"


class Interest(models.Model):
    """That a member cares for a topic (settings.TOPICS), as chosen at sign-up or in the settings."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="interests")
    topic = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="interest_once")]
        indexes = [models.Index(fields=["topic", "member"], name="interest_in_topic")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.topic}"


class SignupMode(StrEnum):
    """Who may make an account (settings.SIGNUP_MODE)."""

    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"


def signup_mode() -> SignupMode:
    return SignupMode(settings.SIGNUP_MODE)


INVITE_CODE_MAX = 43


class InviteQuerySet(models.QuerySet["Invite"]):
    def standing(self) -> Self:
        """Neither revoked, nor past, nor used up. A fact about the row alone, so that an UPDATE may be held to it."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()),
            models.Q(uses_at_most=None) | models.Q(uses__lt=models.F("uses_at_most")),
            revoked_at=None,
        )


class Invite(models.Model):
    """A link by which people may join: `code` is its secret, as long as it is neither used up, past nor revoked."""

    id = SnowflakeField(primary_key=True)
    code = models.CharField(max_length=INVITE_CODE_MAX, unique=True)
    by = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="invites")
    note = models.CharField(max_length=100, blank=True, help_text="What it is for, to tell it from others.")
    uses = models.PositiveIntegerField(default=0)
    uses_at_most = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="invite_by")]

    def __str__(self) -> str:
        return f"Invite of {self.by_id}"

    @property
    def is_standing(self) -> bool:
        """Whether somebody could still join by it (`standing` says the same of many)."""
        return (
            self.revoked_at is None
            and (self.expires_at is None or self.expires_at > timezone.now())
            and (self.uses_at_most is None or self.uses < self.uses_at_most)
        )

    @property
    def path(self) -> str:
        return reverse("accounts:invite", args=[self.code])


class InviteUse(models.Model):
    """By which invitation a member joined: one each."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="invite_use"
    )
    invite = models.ForeignKey(Invite, on_delete=models.CASCADE, related_name="used")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.member_id} by {self.invite_id}"


class SignupRequestQuerySet(models.QuerySet["SignupRequest"]):
    def waiting(self) -> Self:
        return self.filter(outcome="waiting")


class SignupRequest(models.Model):
    """Somebody who asked to join where moderators decide (SIGNUP_MODE=approval). Their account is closed until then."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="signup_request"
    )
    reason = models.TextField(max_length=500, help_text="Why they want to join, in their words.")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITING)
    decided_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SignupRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["outcome", "created_at"], name="signup_request_queue")]

    def __str__(self) -> str:
        return f"{self.member_id} asks to join"

    @property
    def email_domain(self) -> str:
        return (self.member.email or "").rpartition("@")[2]


class DataExport(models.Model):
    """A copy of everything of one's own, made in the background; the file goes when it has expired."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    file = models.CharField(max_length=200, blank=True, help_text="Where the private storage keeps it.")
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes.")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(
        default=timezone.now, help_text="Whoever makes it puts this off; past, it is anybody's to make."
    )
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="export_of_member")]

    def __str__(self) -> str:
        return f"Export {self.id} of {self.member_id}"


class DataImport(models.Model):
    """A file of follows, blocks, mutes or bookmarks from elsewhere, done row by row; forgotten after a month."""

    class Kind(models.TextChoices):
        FOLLOWS = "follows", "People to follow"
        BLOCKS = "blocks", "People to block"
        MUTES = "mutes", "People to mute"
        BOOKMARKS = "bookmarks", "Bookmarks"

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        DONE = "done", "Done"

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=9, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0, help_text="How many rows the file has.")
    due_at = models.DateTimeField(
        default=timezone.now,
        help_text="Whoever works on it puts this off; past, it is anybody's to go on with.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="import_of_member")]

    def __str__(self) -> str:
        return f"Import {self.id} of {self.member_id}"


IMPORT_ROW_MAX = 300


class DataImportRow(models.Model):
    """One row of such a file, and what came of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        THERE = "there", "Was so already"
        MISSING = "missing", "Not found"
        REFUSED = "refused", "Not possible"

    data_import = models.ForeignKey(DataImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Its line in the file, from 1, a header not counted.")
    given = models.CharField(max_length=IMPORT_ROW_MAX, help_text="Whom or what it names, as it was sent.")
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    note = models.CharField(
        max_length=200, blank=True, help_text="What else there is to say, for the member."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["data_import", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["data_import", "outcome", "number"], name="import_rows_by_outcome")]

    def __str__(self) -> str:
        return f"Row {self.number} of {self.data_import_id}"


class FormerName(models.Model):
    """That a username belonged to somebody who was erased, so that nobody else gets it: only a keyed hash of it."""

    digest = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return "A former name"
