from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api.password import PasswordIn, require_password
from accounts.downloads import export_response
from accounts.http import ApiView
from accounts.models import DataExport
from accounts.queries import export_link_key, export_to_download, exports_of, own_export
from core.api import CURSOR, LIMIT, Id, paged

FILE = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")


class ExportOut(serializers.ModelSerializer[DataExport]):
    """A data export. `url` downloads the file and is valid for ten minutes; empty without a file."""

    id = Id(read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = DataExport
        fields = ("id", "state", "size", "created_at", "ready_at", "expires_at", "url")

    def get_url(self, export: DataExport) -> str:
        if export.state != DataExport.State.READY:
            return ""
        return f"{reverse('api:export_file', args=[export.pk])}?key={export_link_key(export)}"


class Exports(ApiView):
    """The signed-in member’s data exports."""

    @extend_schema(operation_id="exports", parameters=[CURSOR, LIMIT], responses=paged("Export", ExportOut))
    def get(self, request: Request) -> Response:
        page = self.paginated(exports_of(self.member))
        return self.page(page, ExportOut(page.items, many=True).data)

    @extend_schema(operation_id="ask_for_export", request=PasswordIn, responses={201: ExportOut})
    def post(self, request: Request) -> Response:
        """Request a copy of your data, once a day. It is prepared in the background. Requires the password."""
        member = self.member
        require_password(self)
        return Response(ExportOut(actions.request_export(member=member, by=member)).data, status=201)


class OneExport(ApiView):
    @extend_schema(operation_id="export", responses=ExportOut)
    def get(self, request: Request, export_id: int) -> Response:
        return Response(ExportOut(own_export(export_id, self.member)).data)

    @extend_schema(operation_id="drop_export", responses={204: None})
    def delete(self, request: Request, export_id: int) -> Response:
        """Delete the file now rather than after a week."""
        actions.drop_export_file(export=own_export(export_id, self.member), by=self.member)
        return Response(status=204)


class ExportFile(ApiView):
    @extend_schema(
        operation_id="export_file", parameters=[OpenApiParameter("key", str, required=True)], responses=FILE
    )
    def get(self, request: Request, export_id: int) -> HttpResponseBase:
        """Return the ZIP file, at the `url` of the export."""
        export = export_to_download(export_id, self.member, request.GET.get("key", ""))
        return export_response(request._request, export)
