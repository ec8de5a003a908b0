from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.member import Member
from core.fields import SnowflakeField
from core.models import DueQuerySet, DueRow


class DataExport(DueRow):
    """A copy of a member's data, made in the background; its file is deleted when it expires."""

    class State(models.TextChoices):
        WAITING = "waiting", "In progress"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"

    WAITING = models.Q(state=State.WAITING)

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    file = models.CharField(max_length=200, blank=True, help_text="Name in the private storage.")
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes.")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = DueQuerySet["DataExport"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="export_of_member")]

    def __str__(self) -> str:
        return f"Export {self.id} of {self.member_id}"


class DataImport(DueRow):
    """An imported file of follows, blocks, mutes or bookmarks, processed row by row; deleted after a month."""

    class Kind(models.TextChoices):
        FOLLOWS = "follows", _("People to follow")
        BLOCKS = "blocks", _("People to block")
        MUTES = "mutes", _("People to mute")
        BOOKMARKS = "bookmarks", _("Bookmarks")

    class State(models.TextChoices):
        ASKING = "asking", "To be confirmed"
        WAITING = "waiting", "In progress"
        DONE = "done", "Done"

    WAITING = models.Q(state=State.WAITING)

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=9, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    looks_like = models.CharField(
        max_length=9,
        blank=True,
        help_text="Kind the file looks like, if its owner has to confirm the import.",
    )
    total = models.PositiveIntegerField(default=0, help_text="Number of rows in the file.")
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = DueQuerySet["DataImport"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="import_of_member")]

    def __str__(self) -> str:
        return f"Import {self.id} of {self.member_id}"


IMPORT_ROW_MAX = 300


class DataImportRow(models.Model):
    """One row of an imported file, and its outcome."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        THERE = "there", _("Already there")
        MISSING = "missing", _("Not found")
        REFUSED = "refused", _("Not possible")

    data_import = models.ForeignKey(DataImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Row number in the file, from 1, without a header.")
    given = models.CharField(max_length=IMPORT_ROW_MAX, help_text="Value of the row, as sent.")
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    note = models.CharField(max_length=200, blank=True, help_text="Note for the member.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["data_import", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["data_import", "outcome", "number"], name="import_rows_by_outcome")]

    def __str__(self) -> str:
        return f"Row {self.number} of {self.data_import_id}"
