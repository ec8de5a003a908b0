"""Responses with files for their owner, for pages and the API."""

import csv
import io
from collections.abc import Iterable

from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.models import DataExport, DataImport, Member
from accounts.transfers import escape_formulas, transfer_of
from core.http import file_response
from core.refusals import NotFound


def export_response(request: HttpRequest, export: DataExport) -> HttpResponseBase:
    """Return the file of an export. Raise NotFound if it has been deleted."""
    try:
        file = storages["private"].open(export.file)
    except OSError:
        raise NotFound(_("This copy is no longer available.")) from None
    name = f"{export.member.username}-{export.created_at:%Y-%m-%d}.zip"
    return file_response(request, file, name=name, size=export.size, kind="application/zip")


def list_response(member: Member, kind: str) -> HttpResponseBase:
    transfer = transfer_of(kind)
    return _csv(f"{kind}.csv", transfer.header, transfer.rows(member))


def outcomes_response(run: DataImport) -> HttpResponseBase:
    rows = (
        (str(row.number), row.given, row.get_outcome_display(), row.note)
        for row in run.rows.order_by("number").iterator()
    )
    return _csv(f"{run.kind}-what-came-of-it.csv", (_("Row"), _("Given"), _("Outcome"), _("Note")), rows)


def _csv(name: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> HttpResponse:
    """Return a CSV file in which no cell is a formula. It has up to 10,000 rows, so it is built in memory."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([escape_formulas(cell) for cell in row] for row in rows)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
