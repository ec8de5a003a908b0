from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Member
from core.fields import SnowflakeField
from core.models import DueQuerySet, DueRow

ALT_MAX = 1500
CAPTIONS = "captions.vtt"
"""The variant with the captions of a video."""


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to what `viewer` may see by id: only their own. Others see attachments with their posts, which decide
        who may.
        """
        return self.filter(owner=viewer) if viewer else self.none()

    def unattached(self) -> Self:
        return self.filter(post=None)

    def in_order(self) -> Self:
        """Order them as they stand in their post."""
        return self.order_by("post", "position")


class Attachment(models.Model):
    """A picture, video or sound for a post: uploaded first, attached when the post is written."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("Picture")
        GIF = "gif", _("Animation")
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Audio")

    class State(models.TextChoices):
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    class Failure(models.TextChoices):
        """Why a video or audio file can’t be used."""

        DAMAGED = "damaged", _("This file is damaged, or has a format that can’t be played here.")
        EMPTY = "empty", _("There’s no picture and no sound in this file.")
        LONG = "long", _("This is too long.")
        PIXELS = "pixels", _("This video has too many pixels. Save it with a lower resolution and try again.")
        EXPENSIVE = (
            "expensive",
            _("This takes too long to process. Save it with a lower resolution and try again."),
        )
        TROUBLE = "trouble", _("Something went wrong on our end. Please try again.")

    id = SnowflakeField(primary_key=True)
    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="attachments")
    # By name: media is below posts, and knows of posts only that they exist.
    post = models.ForeignKey(
        "posts.Post", on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="In its post, from 0.")
    unattached_since = models.DateTimeField(null=True, blank=True, default=timezone.now)
    kind = models.CharField(max_length=5, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PROCESSING)
    alt = models.CharField(
        max_length=ALT_MAX, blank=True, help_text="What it shows, for people who can’t see it."
    )
    focus_x = models.FloatField(
        default=0, help_text="What must stay visible when it is cropped: -1 left, 1 right."
    )
    focus_y = models.FloatField(default=0, help_text="-1 bottom, 1 top.")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="In seconds.")
    blurhash = models.CharField(max_length=100, blank=True)
    waveform = models.JSONField(
        default=list, blank=True, help_text="How loud audio is, from 0 to 100, in equal parts of its time."
    )
    progress = models.PositiveSmallIntegerField(default=0, help_text="Of processing, in percent.")
    failure = models.CharField(max_length=10, choices=Failure, blank=True)
    files = models.JSONField(
        default=dict, blank=True, help_text="Variant (large.webp) → name in the private storage."
    )
    size = models.PositiveBigIntegerField(
        default=0, help_text="Of all its files in bytes; counts for the quota."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["post", "position"], name="attachment_of_post"),
            models.Index(fields=["owner", "-id"], name="attachment_of_owner"),
            models.Index(
                fields=["unattached_since"], name="attachment_unattached", condition=models.Q(post=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def captioned(self) -> bool:
        return CAPTIONS in self.files

    @property
    def is_recording(self) -> bool:
        return self.kind in (self.Kind.VIDEO, self.Kind.AUDIO)

    @property
    def main_variant(self) -> str:
        """Return the variant that its viewers get, the largest."""
        names = {self.Kind.VIDEO: "large.mp4", self.Kind.AUDIO: "audio.m4a"}
        return names.get(self.Kind(self.kind), "large.webp")

    @property
    def problem(self) -> str:
        """Return why it failed, as a sentence for its owner; or nothing."""
        if self.failure == self.Failure.LONG:
            minutes = settings.RECORDING_MAX_SECONDS // 60
            return ngettext(
                "This is too long. The limit is %(most)s minute.",
                "This is too long. The limit is %(most)s minutes.",
                minutes,
            ) % {"most": minutes}
        return self.get_failure_display() if self.failure else ""

    @property
    def focus(self) -> str:
        return f"{self.focus_x:.2f},{self.focus_y:.2f}"


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to what `viewer` uploads."""
        return self.filter(owner=viewer) if viewer else self.none()


class Upload(models.Model):
    """A video or audio file that arrives in parts (media.actions.resumable), and then becomes the attachment with the
    same id.
    """

    id = SnowflakeField(primary_key=True)
    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="uploads")
    length = models.PositiveBigIntegerField(help_text="In bytes.")
    offset = models.PositiveBigIntegerField(default=0, help_text="How much of it has arrived.")
    alt = models.CharField(max_length=ALT_MAX, blank=True)
    parts = models.JSONField(default=list, blank=True, help_text="Names in the private storage.")
    kind = models.CharField(max_length=5, choices=Attachment.Kind, blank=True)
    demuxer = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="upload_expires")]

    def __str__(self) -> str:
        return f"Upload {self.pk}"


class Encoding(DueRow):
    """A video or audio file that waits to be processed, or has failed. Deleted when the attachment is ready."""

    WAITING = models.Q(failed_at=None)

    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, related_name="encoding")
    demuxer = models.CharField(max_length=20, help_text="ffmpeg’s name of its format, as recognized.")
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="For operators; members see the attachment’s failure.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = DueQuerySet["Encoding"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="encoding_due", condition=models.Q(failed_at=None)),
        ]

    def __str__(self) -> str:
        return f"Encoding of {self.attachment_id}"


class DiscardedFile(DueRow):
    """A file that must be deleted, written in the transaction that deletes the row that named it: the file goes even
    if the storage was away.
    """

    WAITING = models.Q(pk__isnull=False)

    name = models.CharField(max_length=200, help_text="In the private storage.")
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = DueQuerySet["DiscardedFile"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="discarded_file_due")]

    def __str__(self) -> str:
        return self.name
