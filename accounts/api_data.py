"""Doors for apps to what is one's own: leaving, a copy of everything, lists as CSV."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.downloads import sent_export, sent_list, sent_outcomes
from accounts.models import DataExport, DataImport, DataImportRow
from accounts.queries import (
    erased_on,
    exports_of,
    imports_of,
    link_key,
    opened_export,
    outcomes_of,
    own_export,
    own_import,
)
from core.api import CURSOR, LIMIT, ApiView, Id, paged
from core.refusals import Forbidden, Invalid

FILE = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")
CSV_FILE = {(200, "text/csv"): OpenApiTypes.STR}


class PasswordIn(serializers.Serializer[Any]):
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class LeavingOut(serializers.Serializer[Any]):
    erased_on = serializers.DateTimeField(help_text="Until then, signing in on the site brings it back.")


class ExportOut(serializers.ModelSerializer[DataExport]):
    """A copy of everything. `url`, good for ten minutes, is where its owner fetches the file; empty without one."""

    id = Id(read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = DataExport
        fields = ("id", "state", "size", "created_at", "ready_at", "expires_at", "url")

    def get_url(self, export: DataExport) -> str:
        if export.state != DataExport.State.READY:
            return ""
        return f"{reverse('api:export_file', args=[export.pk])}?key={link_key(export)}"


class ImportOut(serializers.ModelSerializer[DataImport]):
    """A list that was brought along, and how many of its rows have which outcome."""

    id = Id(read_only=True)
    outcomes = serializers.SerializerMethodField()

    class Meta:
        model = DataImport
        fields = ("id", "kind", "state", "total", "outcomes", "created_at", "done_at")

    def get_outcomes(self, run: DataImport) -> dict[str, int]:
        return outcomes_of(run)


class ImportRowOut(serializers.ModelSerializer[DataImportRow]):
    class Meta:
        model = DataImportRow
        fields = ("number", "given", "outcome", "note")


class PlainTextParser(BaseParser):
    """A file as the whole of a request."""

    media_type = "text/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return {"content": stream.read(actions.BYTES_MAX + 1)}


class Account(ApiView):
    @extend_schema(operation_id="delete_account", request=PasswordIn, responses=LeavingOut)
    def delete(self, request: Request) -> Response:
        """Close the account now; it is erased when the days of grace are over. Asks for the password."""
        member = self.member
        check_who_it_is(self)
        actions.request_deletion(member=member, by=member)
        return Response(LeavingOut({"erased_on": erased_on(member)}).data)


class Exports(ApiView):
    """Copies of everything that the site keeps of the signed-in member."""

    @extend_schema(operation_id="exports", parameters=[CURSOR, LIMIT], responses=paged("Export", ExportOut))
    def get(self, request: Request) -> Response:
        page = self.paginated(exports_of(self.member))
        return self.page(page, ExportOut(page.items, many=True).data)

    @extend_schema(operation_id="ask_for_export", request=PasswordIn, responses={201: ExportOut})
    def post(self, request: Request) -> Response:
        """Ask for a copy, which is made in the background; one a day. Asks for the password."""
        member = self.member
        check_who_it_is(self)
        return Response(ExportOut(actions.request_export(member=member, by=member)).data, status=201)


class OneExport(ApiView):
    @extend_schema(operation_id="export", responses=ExportOut)
    def get(self, request: Request, export_id: int) -> Response:
        return Response(ExportOut(own_export(export_id, self.member)).data)

    @extend_schema(operation_id="drop_export", responses={204: None})
    def delete(self, request: Request, export_id: int) -> Response:
        """Delete the file now instead of in a week."""
        actions.drop_export_file(export=own_export(export_id, self.member), by=self.member)
        return Response(status=204)


class ExportFile(ApiView):
    @extend_schema(
        operation_id="export_file", parameters=[OpenApiParameter("key", str, required=True)], responses=FILE
    )
    def get(self, request: Request, export_id: int) -> HttpResponseBase:
        """The ZIP itself, by the `url` of the export."""
        export = opened_export(export_id, self.member, request.GET.get("key", ""))
        return sent_export(request._request, export)


def data_list(kind: str) -> type["DataList"]:
    """The view of one kind of list, by its own names in the reference."""
    named = extend_schema_view(
        get=extend_schema(operation_id=f"{kind}_as_csv"), post=extend_schema(operation_id=f"bring_{kind}")
    )
    view: type[DataList] = named(type(f"{kind.title()}List", (DataList,), {}))
    return view


class DataList(ApiView):
    """Follows, blocks, mutes or bookmarks as CSV."""

    parser_classes = (PlainTextParser, MultiPartParser, FormParser)

    @extend_schema(responses=CSV_FILE)
    def get(self, request: Request, kind: str) -> HttpResponseBase:
        return sent_list(self.member, kind)

    @extend_schema(
        request={
            "text/csv": OpenApiTypes.STR,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
        },
        responses={202: ImportOut},
    )
    def post(self, request: Request, kind: str) -> Response:
        """Bring a list along, as the body or as `file` of a form. Its rows are done in the background."""
        member = self.member
        given = request.data if isinstance(request.data, dict) else {}
        content = given.get("content") if isinstance(given.get("content"), bytes) else None
        if content is None and (file := request.FILES.get("file")) is not None:
            content = file.read(actions.BYTES_MAX + 1)
        if content is None:
            raise Invalid(fields={"file": ["Send a file of CSV."]})
        run = actions.request_import(by=member, kind=kind, content=content)
        return Response(ImportOut(run).data, status=202)


class Imports(ApiView):
    @extend_schema(operation_id="imports", parameters=[CURSOR, LIMIT], responses=paged("Import", ImportOut))
    def get(self, request: Request) -> Response:
        """The lists that the member brought along within a month."""
        page = self.paginated(imports_of(self.member))
        return self.page(page, ImportOut(page.items, many=True).data)


class OneImport(ApiView):
    @extend_schema(operation_id="import", responses=ImportOut)
    def get(self, request: Request, import_id: int) -> Response:
        return Response(ImportOut(own_import(import_id, self.member)).data)


class ImportRows(ApiView):
    @extend_schema(
        operation_id="import_rows", parameters=[CURSOR, LIMIT], responses=paged("ImportRow", ImportRowOut)
    )
    def get(self, request: Request, import_id: int) -> Response:
        """What came of each row."""
        page = self.paginated(own_import(import_id, self.member).rows.all(), keys=("number",))
        return self.page(page, ImportRowOut(page.items, many=True).data)


class ImportFile(ApiView):
    @extend_schema(operation_id="import_file", responses=CSV_FILE)
    def get(self, request: Request, import_id: int) -> HttpResponseBase:
        """What came of each row, as CSV."""
        return sent_outcomes(own_import(import_id, self.member))


def check_who_it_is(view: ApiView) -> None:
    """That whoever holds the token has the password, too. Raises Forbidden for members without one."""
    given = view.checked(PasswordIn)
    if not view.member.has_usable_password():
        raise Forbidden("You have no password here. Do this on the site, which can ask in another way.")
    actions.check_password(member=view.member, password=given["password"])
