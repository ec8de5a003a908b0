from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.downloads import list_response, outcomes_response
from accounts.http import ApiView
from accounts.models import DataImport, DataImportRow
from accounts.queries import imports_of, outcomes_of, own_import
from core.api import CURSOR, LIMIT, Id, Input, paged, refuse_unknown
from core.refusals import Invalid

CONFIRM = OpenApiParameter(
    "confirm", bool, description="Import the file even if it looks like a list of another kind."
)
CSV_FILE = {(200, "text/csv"): OpenApiTypes.STR}


class ImportOut(serializers.ModelSerializer[DataImport]):
    """An imported list, with the number of its rows by outcome."""

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


class ConfirmIn(Input):
    confirm = serializers.BooleanField()


class PlainTextParser(BaseParser):
    """Parses a request whose body is the file."""

    media_type = "text/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(actions.BYTES_MAX + 1)


def data_list(kind: str) -> type["DataList"]:
    """Return the view of one kind of list, with operation ids of its own."""
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
        return list_response(self.member, kind)

    @extend_schema(
        request={
            "text/csv": OpenApiTypes.STR,
            "multipart/form-data": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "confirm": {"type": "boolean"},
                },
            },
        },
        parameters=[CONFIRM],
        responses={202: ImportOut},
    )
    def post(self, request: Request, kind: str) -> Response:
        """Import a list, as the body or as `file` of a form. Its rows are processed in the background.

        A file that looks like a list of another kind is refused with 409 `other_list`, unless `confirm` is true.
        """
        member = self.member
        given: Any = request.data
        content, file = given, None
        said = request.GET.get("confirm")
        if not isinstance(given, bytes):
            refuse_unknown(given, ("file", "confirm"))
            file, said = request.FILES.get("file"), given.get("confirm", said)
            content = file.read(actions.BYTES_MAX + 1) if file is not None else None
        if content is None:
            raise Invalid(fields={"file": [_("Send a CSV file.")]})
        confirmed = said is not None and self.checked(ConfirmIn, {"confirm": said})["confirm"]
        run = actions.request_import(
            by=member,
            kind=kind,
            content=content,
            file_name=file.name or "" if file else "",
            confirmed=confirmed,
        )
        return Response(ImportOut(run).data, status=202)


class Imports(ApiView):
    @extend_schema(operation_id="imports", parameters=[CURSOR, LIMIT], responses=paged("Import", ImportOut))
    def get(self, request: Request) -> Response:
        """List the imports of the last month."""
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
        """List the outcome of each row."""
        page = self.paginated(own_import(import_id, self.member).rows.all(), keys=("number",))
        return self.page(page, ImportRowOut(page.items, many=True).data)


class ImportFile(ApiView):
    @extend_schema(operation_id="import_file", responses=CSV_FILE)
    def get(self, request: Request, import_id: int) -> HttpResponseBase:
        """Return the outcome of each row as CSV."""
        return outcomes_response(own_import(import_id, self.member))
