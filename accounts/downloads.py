"""Files that go to their owner, for pages and apps alike."""

import csv
import io
from collections.abc import Iterable

from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.models import DataExport, DataImport, Member
from accounts.transfers import guarded, transfer
from core.http import file_response
from core.refusals import NotFound


def sent_export(request: HttpRequest, export: DataExport) -> HttpResponseBase:
    """The file of an export that its owner may have."""
    try:
        file = storages["private"].open(export.file)
    except OSError:
        raise NotFound(_("This copy is no longer available.")) from None
    name = f"{export.member.username}-{export.created_at:%Y-%m-%d}.zip"
    return file_response(request, file, name=name, size=export.size, kind="application/zip")


def sent_list(member: Member, kind: str) -> HttpResponseBase:
    how = transfer(kind)
    return _csv(f"{kind}.csv", how.header, how.rows(member))


def sent_outcomes(run: DataImport) -> HttpResponseBase:
    rows = (
        (str(row.number), row.given, row.get_outcome_display(), row.note)
        for row in run.rows.order_by("number").iterator()
    )
    return _csv(f"{run.kind}-what-came-of-it.csv", (_("Row"), _("Given"), _("Outcome"), _("Note")), rows)


def _csv(name: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> HttpResponse:
    """A file for spreadsheets, in which no cell is a formula. At most ten thousand lines: it is written at once."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
