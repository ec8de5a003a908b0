"""Importing lists: a file becomes rows, and each row calls the same action as a button."""

import csv
import io
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.actions.locks import lock_members
from accounts.languages import in_language_of
from accounts.models import IMPORT_ROW_MAX, DataImport, DataImportRow, Member
from accounts.transfers import Transfer, detected_kind, row_noun, transfer_of, unescape_formulas
from core.jobs import enqueue
from core.models import DueQuerySet
from core.refusals import Conflict, Forbidden, Invalid, TooMany

BYTES_MAX = 1_000_000
ROWS_MAX = 10_000
IMPORTS_PER_DAY = 20
LEASE = timedelta(seconds=60)
KEPT_FOR = timedelta(days=30)
CONFIRM_WITHIN = timedelta(days=1)
INLINE_ROWS_MAX = 50
"""A file with up to this many rows is imported in the request."""
JOB_DELAY = 0.2
"""Seconds that the request has to claim such an import before its job does."""

_HEADERS = {
    "account address",
    "address",
    "account",
    "username",
    "name",
    "handle",
    "#uri",
    "uri",
    "url",
    "link",
}


def request_import(
    *, by: Member, kind: str, content: bytes, file_name: str = "", confirmed: bool = False, ask: bool = False
) -> DataImport:
    """Start importing a file row by row. Raise Invalid for an unusable file, Conflict during another import.

    A file that looks like a list of another kind is imported only if that is `confirmed`. Otherwise raise Conflict or,
    with `ask`, store it until its owner has been asked (`confirm_import`, `drop_import`).
    """
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    transfer = transfer_of(kind)
    found = looks_like(content, file_name)
    rows = parse(content, transfer)
    doubtful = found not in ("", kind) and not confirmed
    if doubtful and not ask:
        sentence = _("This looks like a list of %(found)s.") % {"found": row_noun(found)}
        raise Conflict(f"{sentence} {transfer.effect}", code="other_list", fields={"file": [sentence]})
    with transaction.atomic():
        lock_members(by.pk)
        own = DataImport.objects.filter(member=by)
        own.filter(state=DataImport.State.ASKING).delete()
        _require_none_running(own)
        if own.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= IMPORTS_PER_DAY:
            raise TooMany(
                _("You can import up to %(most)s lists a day.") % {"most": IMPORTS_PER_DAY}, retry_after=3600
            )
        run = DataImport.objects.create(
            member=by,
            kind=kind,
            state=DataImport.State.ASKING if doubtful else DataImport.State.WAITING,
            looks_like=found if doubtful else "",
            total=len(rows),
        )
        DataImportRow.objects.bulk_create(
            [
                DataImportRow(data_import=run, number=number, given=given, note=note)
                for number, (given, note) in enumerate(rows, 1)
            ],
            1000,
        )
        if not doubtful:
            _send_job(run)
    return run


def confirm_import(*, run: DataImport, by: Member) -> bool:
    """Start an import that waits for its owner's confirmation. Return False if it doesn't."""
    with transaction.atomic():
        lock_members(by.pk)
        own = DataImport.objects.filter(member=by)
        asking = own.filter(pk=run.pk, state=DataImport.State.ASKING)
        if not asking.exists():
            return False
        _require_none_running(own)
        asking.update(state=DataImport.State.WAITING)
        _send_job(run)
    return True


def drop_import(*, run: DataImport, by: Member) -> bool:
    """Discard an import that waits for its owner's confirmation. Return False if it doesn't."""
    asking = DataImport.objects.filter(pk=run.pk, member=by, state=DataImport.State.ASKING)
    return bool(asking.delete()[0])


def _send_job(run: DataImport) -> None:
    countdown = JOB_DELAY if run.total <= INLINE_ROWS_MAX else None
    enqueue("accounts.tasks.run_import", run.pk, countdown=countdown)


def _require_none_running(own: DueQuerySet[DataImport]) -> None:
    if own.waiting().exists():
        raise Conflict(_("Another import is still in progress. Wait until it’s done."), code="import_waiting")


def run_import(*, import_id: int) -> bool:
    """Import the rows that are left. Return False if there are none, or another process does it.

    Each row is one transaction together with its outcome, so a killed import continues with the next row.
    """
    mine = _of_open_accounts().filter(pk=import_id)
    if not mine.claim(LEASE):
        return False
    run = DataImport.objects.select_related("member").get(pk=import_id)
    transfer = transfer_of(run.kind)
    after = 0
    while True:
        waiting = DataImportRow.objects.filter(
            data_import=run, outcome=DataImportRow.Outcome.WAITING, number__gt=after
        )
        rows = list(waiting.order_by("number")[:100])
        if not rows:
            break
        for row in rows:
            _import_row(row, run.member, transfer)
        after = rows[-1].number
        # The account may have been closed, or the import stopped, meanwhile.
        if not mine.postpone(LEASE):
            return False
    DataImport.objects.waiting().filter(pk=run.pk).update(state=DataImport.State.DONE, done_at=timezone.now())
    return True


def waiting_imports() -> list[int]:
    """Return the ids of imports that are due: not claimed, or with an expired claim."""
    return list(_of_open_accounts().due_ids()[:100])


def _of_open_accounts() -> DueQuerySet[DataImport]:
    """Select the members by a subquery: a join can't be claimed (DueQuerySet.claim)."""
    return DataImport.objects.filter(member__in=Member.objects.filter(is_active=True))


def stop_imports(*, member: Member) -> int:
    """Stop running imports, and note why on each row that is left. Return how many there were."""
    with transaction.atomic():
        running = DataImport.objects.waiting().filter(member=member)
        keys = list(running.values_list("pk", flat=True))
        with in_language_of(member):
            DataImportRow.objects.filter(data_import__in=keys, outcome=DataImportRow.Outcome.WAITING).update(
                outcome=DataImportRow.Outcome.REFUSED, note=_("Stopped to keep your account safe.")
            )
        return DataImport.objects.filter(pk__in=keys).update(
            state=DataImport.State.DONE, done_at=timezone.now()
        )


def forget_imports() -> int:
    """Delete old imports, and those that nobody confirmed. Return how many."""
    now = timezone.now()
    unanswered = Q(state=DataImport.State.ASKING, created_at__lte=now - CONFIRM_WITHIN)
    old = DataImport.objects.filter(unanswered | Q(created_at__lte=now - KEPT_FOR))
    keys = list(old.values_list("pk", flat=True)[:100])
    DataImport.objects.filter(pk__in=keys).delete()
    return len(keys)


def parse(content: bytes, transfer: Transfer) -> list[tuple[str, str]]:
    """Return (value, note) of every row that has a value, without duplicates. Raise Invalid."""
    values = _values(_cells(content), transfer)
    if not values:
        raise _invalid_file(_("This file has a header row but no data."))
    if len(values) > ROWS_MAX:
        raise _invalid_file(
            _("A list can have up to %(most)s rows. This one has %(has)s.")
            % {"most": _grouped(ROWS_MAX), "has": _grouped(len(values))}
        )
    if not any(transfer.is_valid_cell(value) for value in values):
        raise _invalid_file(
            _(
                "The first column has no usable values. It should hold what “%(column)s” holds in a list "
                "exported from here."
            )
            % {"column": transfer.header[0]}
        )
    return list(values.items())


def _values(cells: list[list[str]], transfer: Transfer) -> dict[str, str]:
    """Return value → note of every row: the values are in a column with a known header, or else in the first."""
    names = _column_names(cells)
    column = next((index for index, name in enumerate(names) if name in _HEADERS), None)
    if column is None:
        names, column = [], 0
    else:
        cells = cells[1:]
    values: dict[str, str] = {}
    for row in cells:
        cell = row[column].strip() if len(row) > column else ""
        value = unescape_formulas(cell)[:IMPORT_ROW_MAX]
        if value and value not in values:
            values[value] = transfer.read_note(dict(zip(names, map(str.strip, row), strict=False)))
    return values


def looks_like(content: bytes, file_name: str = "") -> str:
    """Return the kind of list that the file seems to be (accounts.transfers.detected_kind), or "".

    Raise Invalid if it isn't CSV.
    """
    return detected_kind(_column_names(_cells(content)), file_name)


def _cells(content: bytes) -> list[list[str]]:
    """Return the rows that aren't empty; at least one."""
    if len(content) > BYTES_MAX:
        raise _invalid_file(_("A list can be up to %(most)s MB.") % {"most": BYTES_MAX // 1_000_000})
    text = _decoded(content)
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise _invalid_file(_("This file is empty."))
    delimiter = max(",;\t", key=first.count)
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error:
        raise _invalid_file(_("This file isn’t valid CSV.")) from None


def _column_names(cells: list[list[str]]) -> list[str]:
    """Return the names of the columns, if the first row is a header."""
    return [cell.strip().lower() for cell in cells[0]]


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeError:
        raise _invalid_file(_("This file isn’t UTF-8 text. Save it as “CSV UTF-8” and try again.")) from None
    if "\0" in text:
        raise _invalid_file(_("This isn’t a text file."))
    return text


def _import_row(row: DataImportRow, by: Member, transfer: Transfer) -> None:
    with transaction.atomic():
        waiting = DataImportRow.objects.filter(pk=row.pk, outcome=DataImportRow.Outcome.WAITING)
        # Locked, so that only one of two concurrent processes does it.
        if not waiting.select_for_update().exists():
            return
        result = transfer.apply(by, row.given, row.note)
        note = result.note or (row.note if result.outcome == DataImportRow.Outcome.DONE else "")
        waiting.update(outcome=result.outcome, note=note[:200])


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def _invalid_file(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": [sentence]})
