"""Data exports, and lists as CSV."""

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions
from accounts.downloads import export_response, list_response, outcomes_response
from accounts.http import signed_in
from accounts.models import DataImport, DataImportRow, Member
from accounts.queries import (
    export_link_key,
    export_to_download,
    exports_of,
    imports_of,
    outcomes_of,
    own_export,
    own_import,
)
from accounts.transfers import row_noun, transfer_of, transfers
from core.forms import accepts_fields
from core.http import render_page_or_fragment
from core.pages import more_url, paginate
from core.refusals import Forbidden, Invalid, NotFound, Refusal


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Show what the member can export and import."""
    member = signed_in(request)
    return render_page_or_fragment(
        request,
        "accounts/data.html",
        _exports(member),
        fragment="accounts/_exports.html",
        page_context=lambda: {"transfers": transfers(), "imports": list(imports_of(member)[:5])},
    )


def _exports(member: Member) -> dict[str, Any]:
    exports = list(exports_of(member)[:5])
    return {
        "exports": [(export, export_link_key(export)) for export in exports],
        "waiting": any(export.state == export.State.WAITING for export in exports),
        "may_ask": not any(
            export.state != export.State.FAILED
            and export.created_at > timezone.now() - actions.EXPORT_INTERVAL
            for export in exports
        ),
    }


@require_POST
def ask_for_export(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    raise_if_reauthentication_required(request, app="account")
    try:
        actions.request_export(member=member, by=member)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Your copy is being prepared. We’ll email you when it’s ready."))
    return redirect("accounts:data")


@require_GET
def export_file(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Send the file of an export to its owner, with a link that hasn't expired."""
    member = signed_in(request)
    try:
        export = export_to_download(export_id, member, request.GET.get("key", ""))
    except Forbidden as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts:data")
    return export_response(request, export)


@require_POST
def drop_export(request: HttpRequest, export_id: int) -> HttpResponse:
    member = signed_in(request)
    actions.drop_export_file(export=own_export(export_id, member), by=member)
    messages.success(request, _("Copy deleted."))
    return redirect("accounts:data")


@require_GET
def list_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Send the member's follows, blocks, mutes or bookmarks as CSV."""
    return list_response(signed_in(request), kind)


@require_POST
@accepts_fields("kind", "file")
def import_list(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Invalid(_("Choose a file first."))
        run = actions.request_import(
            by=member,
            kind=request.POST.get("kind", ""),
            content=file.read(actions.BYTES_MAX + 1),
            file_name=file.name or "",
            ask=True,
        )
    except NotFound:
        raise Invalid(_("Choose what the file contains.")) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts:data")
    return _started(run)


@require_POST
def confirm_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Import a file that looks like another list."""
    member = signed_in(request)
    run = own_import(import_id, member)
    actions.confirm_import(run=run, by=member)
    return _started(run)


@require_POST
def drop_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Discard a file that looks like another list."""
    member = signed_in(request)
    run = own_import(import_id, member)
    if actions.drop_import(run=run, by=member):
        messages.info(request, _("Import canceled. Nothing has changed."))
    return redirect("accounts:data")


def _started(run: DataImport) -> HttpResponse:
    """Redirect to the page of the import, after importing a short list."""
    if run.total <= actions.INLINE_ROWS_MAX:
        actions.run_import(import_id=run.pk)
    return redirect("accounts:import", import_id=run.pk)


@require_GET
def import_detail(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show the outcome of each row of an import."""
    member = signed_in(request)
    run = own_import(import_id, member)
    transfer = transfer_of(run.kind)
    if run.state == DataImport.State.ASKING:
        found = row_noun(run.looks_like)
        asked = {"run": run, "title": transfer.title, "does": transfer.effect, "found": found}
        return render(request, "accounts/import_confirm.html", asked)
    only = request.GET.get("only", "")
    rows = run.rows.all()
    if only:
        if only not in DataImportRow.Outcome.values:
            raise NotFound
        rows = rows.filter(outcome=only)
    page = paginate(rows, cursor=request.GET.get("cursor"), keys=("number",), size=50)
    outcomes = outcomes_of(run)
    done = run.total - outcomes[DataImportRow.Outcome.WAITING]
    context = {
        "run": run,
        "title": transfer.title,
        "page": page,
        "only": only,
        "done": done,
        "outcomes": [
            (o.value, o.label, outcomes[o.value]) for o in DataImportRow.Outcome if outcomes[o.value]
        ],
        "more": more_url(f"{request.path}?only={only}" if only else request.path, page),
    }
    return render_page_or_fragment(
        request,
        "accounts/import.html",
        context,
        fragment="accounts/_import.html",
        more="accounts/_import_rows.html",
    )


@require_GET
def import_file(request: HttpRequest, import_id: int) -> HttpResponseBase:
    return outcomes_response(own_import(import_id, signed_in(request)))
