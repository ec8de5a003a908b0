"""Bringing lists along: a file becomes rows, and each row is done through the action that a button would call."""

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
from accounts.transfers import Transfer, called, recognized, transfer, unguarded
from core.jobs import enqueue
from core.models import DueQuerySet
from core.refusals import Conflict, Forbidden, Invalid, TooMany

BYTES_MAX = 1_000_000
ROWS_MAX = 10_000
A_DAY = 20
LEASE = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=30)
UNANSWERED_FOR = timedelta(days=1)
AT_ONCE = 50
"""A file of no more rows is done while its owner waits."""
HEAD_START = 0.2
"""Seconds that the page of whoever waits has to claim such a file before its job does."""

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
    """Take a file in, to be done row by row. Raises Invalid with a sentence when it will not do, Conflict while another
    one is under way.

    A file that seems to be a list of another kind is taken in when that was `confirmed`. Otherwise it is refused with
    Conflict or, with `ask`, kept until its owner has been asked (`confirm_import`, `drop_import`).
    """
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    how = transfer(kind)
    found = looks_like(content, file_name)
    rows = parse(content, how)
    doubtful = found not in ("", kind) and not confirmed
    if doubtful and not ask:
        sentence = _("This looks like a list of %(found)s.") % {"found": called(found)}
        raise Conflict(f"{sentence} {how.does}", code="other_list", fields={"file": [sentence]})
    with transaction.atomic():
        lock_members(by.pk)
        own = DataImport.objects.filter(member=by)
        own.filter(state=DataImport.State.ASKING).delete()
        _none_under_way(own)
        if own.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
            raise TooMany(_("You can import up to %(most)s lists a day.") % {"most": A_DAY}, retry_after=3600)
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
    """Its owner says that it is what they chose. False when there was nothing to ask any more."""
    with transaction.atomic():
        lock_members(by.pk)
        own = DataImport.objects.filter(member=by)
        asking = own.filter(pk=run.pk, state=DataImport.State.ASKING)
        if not asking.exists():
            return False
        _none_under_way(own)
        asking.update(state=DataImport.State.WAITING)
        _send_job(run)
    return True


def drop_import(*, run: DataImport, by: Member) -> bool:
    """Forget a file that its owner has been asked about. False when it is under way or done by now."""
    asking = DataImport.objects.filter(pk=run.pk, member=by, state=DataImport.State.ASKING)
    return bool(asking.delete()[0])


def _send_job(run: DataImport) -> None:
    countdown = HEAD_START if run.total <= AT_ONCE else None
    enqueue("accounts.tasks.run_import", run.pk, countdown=countdown)


def _none_under_way(own: DueQuerySet[DataImport]) -> None:
    if own.waiting().exists():
        raise Conflict(_("Another import is still in progress. Wait until it’s done."), code="import_waiting")


def run_import(*, import_id: int) -> bool:
    """Do what is left of it. False when there is nothing to do, or somebody else does it.

    Each row is done in one transaction together with its outcome: killed anywhere, it goes on with the next.
    """
    mine = _of_open_accounts().filter(pk=import_id)
    if not mine.claim(LEASE):
        return False
    run = DataImport.objects.select_related("member").get(pk=import_id)
    how = transfer(run.kind)
    after = 0
    while True:
        waiting = DataImportRow.objects.filter(
            data_import=run, outcome=DataImportRow.Outcome.WAITING, number__gt=after
        )
        rows = list(waiting.order_by("number")[:100])
        if not rows:
            break
        for row in rows:
            _do(row, run.member, how)
        after = rows[-1].number
        # The account may have been closed, or the import be gone, meanwhile.
        if not mine.postpone(LEASE):
            return False
    DataImport.objects.waiting().filter(pk=run.pk).update(state=DataImport.State.DONE, done_at=timezone.now())
    return True


def waiting_imports() -> list[int]:
    """Return those that nobody has claimed, or whose claim has run out."""
    return list(_of_open_accounts().due_ids()[:100])


def _of_open_accounts() -> DueQuerySet[DataImport]:
    """Select the members by a subquery: a join can't be claimed (DueQuerySet.claim)."""
    return DataImport.objects.filter(member__in=Member.objects.filter(is_active=True))


def stop_imports(*, member: Member) -> int:
    """Do no more rows of what is under way; each says why. Returns how many imports that were."""
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
    now = timezone.now()
    unanswered = Q(state=DataImport.State.ASKING, created_at__lte=now - UNANSWERED_FOR)
    old = DataImport.objects.filter(unanswered | Q(created_at__lte=now - FORGOTTEN_AFTER))
    keys = list(old.values_list("pk", flat=True)[:100])
    DataImport.objects.filter(pk__in=keys).delete()
    return len(keys)


def parse(content: bytes, how: Transfer) -> list[tuple[str, str]]:
    """(what a row names, what else it says) of every row that names anything. Raises Invalid."""
    cells = _cells(content)
    names = _names(cells)
    column = next((n for n, name in enumerate(names) if name in _HEADERS), None)
    if column is not None:
        cells = cells[1:]
    else:
        names, column = [], 0
    found: dict[str, str] = {}
    for row in cells:
        given = unguarded(row[column].strip()) if len(row) > column else ""
        if given and given[:IMPORT_ROW_MAX] not in found:
            found[given[:IMPORT_ROW_MAX]] = how.option(dict(zip(names, map(str.strip, row), strict=False)))
    if not found:
        raise _no(_("This file has a header row but no data."))
    if len(found) > ROWS_MAX:
        raise _no(
            _("A list can have up to %(most)s rows. This one has %(has)s.")
            % {"most": _grouped(ROWS_MAX), "has": _grouped(len(found))}
        )
    if not any(how.fits(given) for given in found):
        raise _no(
            _(
                "The first column has no usable values. It should hold what “%(column)s” holds in a list "
                "exported from here."
            )
            % {"column": how.header[0]}
        )
    return list(found.items())


def looks_like(content: bytes, file_name: str = "") -> str:
    """Which kind of list the file seems to be (accounts.transfers.recognized); empty when nothing tells.

    Raises Invalid when it is no CSV.
    """
    return recognized(_names(_cells(content)), file_name)


def _cells(content: bytes) -> list[list[str]]:
    """The rows that are not empty; at least one."""
    if len(content) > BYTES_MAX:
        raise _no(_("A list can be up to %(most)s MB.") % {"most": BYTES_MAX // 1_000_000})
    text = _decoded(content)
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise _no(_("This file is empty."))
    delimiter = max(",;\t", key=first.count)
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error:
        raise _no(_("This file isn’t valid CSV.")) from None


def _names(cells: list[list[str]]) -> list[str]:
    """What the columns are called, if the first row is a header."""
    return [cell.strip().lower() for cell in cells[0]]


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeError:
        raise _no(_("This file isn’t UTF-8 text. Save it as “CSV UTF-8” and try again.")) from None
    if "\0" in text:
        raise _no(_("This isn’t a text file."))
    return text


def _do(row: DataImportRow, by: Member, how: Transfer) -> None:
    with transaction.atomic():
        waiting = DataImportRow.objects.filter(pk=row.pk, outcome=DataImportRow.Outcome.WAITING)
        # Held, so that of two that do it at the same moment one does.
        if not waiting.select_for_update().exists():
            return
        result = how.act(by, row.given, row.note)
        note = result.note or (row.note if result.outcome == DataImportRow.Outcome.DONE else "")
        waiting.update(outcome=result.outcome, note=note[:200])


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def _no(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": [sentence]})
