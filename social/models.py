from typing import Self, TypeVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.fields import SnowflakeField
from core.words import as_read, is_hangul, is_unspaced, left_out

_Expiring = TypeVar("_Expiring", bound=models.Model)


class FollowQuerySet(models.QuerySet["Follow"]):
    def by(self, member: Member) -> Self:
        return self.filter(follower=member)

    def of(self, member: Member) -> Self:
        return self.filter(followee=member)


class Follow(models.Model):
    """`follower` follows `followee`."""

    id = SnowflakeField(primary_key=True)
    follower = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follows")
    followee = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(default=timezone.now)
    shows_reposts = models.BooleanField(
        default=True, db_default=True, help_text="Their reposts appear in the follower’s home feed."
    )

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(
                condition=~models.Q(follower=models.F("followee")),
                name="follow_not_self",
            ),
        ]
        indexes = [
            models.Index(fields=["follower", "-id"], name="follow_by"),
            models.Index(fields=["followee", "-id"], name="follow_of"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followee_id}"


class FollowRequest(models.Model):
    """`requester` asks to follow `member`, whose account is private. Deleted once approved, declined or cancelled."""

    id = SnowflakeField(primary_key=True)
    requester = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follow_requests_sent")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follow_requests")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["requester", "member"], name="follow_request_once"),
            models.CheckConstraint(
                condition=~models.Q(requester=models.F("member")),
                name="follow_request_not_self",
            ),
        ]
        indexes = [models.Index(fields=["member", "-id"], name="follow_request_queue")]

    def __str__(self) -> str:
        return f"{self.requester_id} ⇢ {self.member_id}"


class ActiveQuerySet(models.QuerySet[_Expiring]):
    def active(self) -> Self:
        """Leave out what has expired."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=timezone.now()))


class Mute(models.Model):
    """`muter` has muted `muted`, until `until` if that is set. `muted` can't tell."""

    id = SnowflakeField(primary_key=True)
    muter = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="muted_by")
    with_notifications = models.BooleanField(default=True, help_text="Their notifications are muted, too.")
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ActiveQuerySet["Mute"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~models.Q(muter=models.F("muted")), name="mute_not_self"),
        ]
        indexes = [models.Index(fields=["muter", "-id"], name="mute_by")]

    def __str__(self) -> str:
        return f"{self.muter_id} mutes {self.muted_id}"


MUTED_TEXT_MAX = 100
PLACE_NAMES = {
    "home": pgettext_lazy("noun", "home"),
    "notifications": pgettext_lazy("noun", "notifications"),
    "threads": pgettext_lazy("noun", "threads"),
    "search": pgettext_lazy("noun", "search"),
}
"""The places where a word can be muted (MutedWord.in_home and so on), as named within a sentence."""


class MutedWord(models.Model):
    """A word, phrase, #hashtag or @name that a member has muted in some places."""

    class Action(models.TextChoices):
        HIDE = "hide", _("Hide the post")
        WARN = "warn", _("Show a warning")

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="muted_words")
    text = models.CharField(max_length=MUTED_TEXT_MAX, help_text="As entered.")
    folded = models.CharField(max_length=2 * MUTED_TEXT_MAX, help_text="As compared.")
    act = models.CharField(max_length=4, choices=Action, default=Action.HIDE)
    in_home = models.BooleanField(default=True)
    in_notifications = models.BooleanField(default=True)
    in_threads = models.BooleanField(default=True)
    in_search = models.BooleanField(default=True)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ActiveQuerySet["MutedWord"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "folded"], name="muted_word_once")]

    def __str__(self) -> str:
        return f"{self.member_id} mutes a word"

    @property
    def places(self) -> list[str]:
        """Return the keys of PLACE_NAMES where it is muted."""
        return [place for place in PLACE_NAMES if getattr(self, f"in_{place}")]

    @property
    def place_names(self) -> list[str]:
        return [str(PLACE_NAMES[place]) for place in self.places]

    @property
    def note(self) -> str:
        """Return what its owner may not expect it to match; "" if it matches just what was entered."""
        if signs := left_out(self.text):
            note = gettext("Matched as “%(words)s”, without %(signs)s")
            return note % {"words": as_read(self.text), "signs": signs}
        if len(self.folded) == 1 and is_unspaced(self.folded) and not is_hangul(self.folded):
            return gettext("Also matches longer words that contain it")
        return ""


class ListQuerySet(models.QuerySet["List"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to the viewer's own lists. Nobody else can see them, not even moderators."""
        return self.none() if viewer is None else self.filter(owner=viewer)


LIST_TITLE_MAX = 60


class List(models.Model):
    """A private list of members with its own feed."""

    class Replies(models.TextChoices):
        FOLLOWED = "followed", _("To people I follow")
        LIST = "list", _("To people on the list")
        NONE = "none", _("None")

    id = SnowflakeField(primary_key=True)
    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="lists")
    title = models.CharField(max_length=LIST_TITLE_MAX)
    replies = models.CharField(
        max_length=8, choices=Replies, default=Replies.LIST, help_text="Which replies its feed shows."
    )
    is_exclusive = models.BooleanField(default=False, help_text="Its members are hidden from Home.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ListQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("owner", Lower("title"), name="list_title_once")]

    def __str__(self) -> str:
        return f"List {self.id}"


class ListEntry(models.Model):
    """A member is on a list."""

    id = SnowflakeField(primary_key=True)
    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="entries")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="list_entries")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "member"], name="list_entry_once")]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.list_id}"


class Dismissal(models.Model):
    """`dismissed` is no longer suggested to `member`."""

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="dismissals")
    dismissed = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "dismissed"], name="dismissal_once")]

    def __str__(self) -> str:
        return f"{self.member_id} dismisses {self.dismissed_id}"
