"""Uploads in parts by tus 1.0 (https://tus.io/protocols/resumable-upload): core, creation, expiration, termination."""

import base64
import io
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import MethodNotAllowed, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import refuse_unknown
from core.bodies import PART_OF_FILE
from core.limits import check_text
from core.parsers import BoundedJSONParser
from core.refusals import BadRequest, Invalid, NotFound, Refusal
from media import actions
from media.models import Upload
from media.serializers import UploadOut

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
TUS = OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[VERSION])
OFFSET = OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)
LENGTH = OpenApiParameter(
    "Upload-Length", int, OpenApiParameter.HEADER, required=True, description="In bytes."
)
METADATA = OpenApiParameter(
    "Upload-Metadata", str, OpenApiParameter.HEADER, description="`alt`, in Base64. Other keys are ignored."
)


class WrongVersion(Refusal):
    status = 412
    code = "wrong_version"
    default_message = gettext_lazy("Send the header “Tus-Resumable: 1.0.0”.")


class PartParser(BaseParser):
    """Leaves the body unread: it is stored while it arrives."""

    media_type = PART_OF_FILE

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return {"part": stream}


class _Tus(ApiView):
    parser_classes = (PartParser, BoundedJSONParser)

    def check_version(self) -> None:
        """Raise WrongVersion for a client that speaks another version of tus."""
        if self.request.headers.get("Tus-Resumable") != VERSION:
            raise WrongVersion

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Tus-Version"] = VERSION
        return response


class Uploads(_Tus):
    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        headers = {
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.RECORDING_MAX_BYTES),
        }
        return Response(status=204, headers=headers)

    @extend_schema(
        operation_id="begin_upload",
        request=None,
        responses={201: UploadOut},
        parameters=[TUS, LENGTH, METADATA],
    )
    def post(self, request: Request) -> Response:
        """Begin a resumable upload (tus 1.0) of a video or audio file. Send its parts to `Location`; when it is
        complete, its `id` is that of the file in `/api/media`. Parts of up to 8 MB pass every proxy.
        """
        self.check_version()
        length = _number(request, "Upload-Length")
        upload = actions.begin_upload(by=self.member, length=length, alt=_metadata(request).get("alt", ""))
        place = reverse("api:upload", args=[upload.pk])
        return Response(UploadOut(upload).data, status=201, headers={"Location": place, **_state(upload)})


class OneUpload(_Tus):
    def _found(self, upload_id: int) -> Upload:
        found = Upload.objects.visible_to(self.member).filter(pk=upload_id).first()
        if found is None:
            raise NotFound
        self.check_version()
        return found

    @extend_schema(operation_id="upload", responses=UploadOut, parameters=[TUS])
    def get(self, request: Request, upload_id: int) -> Response:
        """Say how much of an upload has arrived, also in `Upload-Offset` (and for HEAD)."""
        found = self._found(upload_id)
        return Response(UploadOut(found).data, headers={"Cache-Control": "no-store", **_state(found)})

    @extend_schema(
        operation_id="continue_upload",
        request={PART_OF_FILE: bytes},
        responses={204: None},
        parameters=[TUS, OFFSET],
    )
    def patch(self, request: Request, upload_id: int) -> Response:
        """Send the next part of an upload, which begins at `Upload-Offset`."""
        _refuse_other_bodies(request)
        upload = self._found(upload_id)
        if request._request.content_type != PART_OF_FILE:
            raise UnsupportedMediaType(request._request.content_type or "")
        given: Any = request.data
        offset = _number(request, "Upload-Offset")
        found = actions.add_part(
            upload=upload, by=self.member, offset=offset, content=given.get("part") or io.BytesIO()
        )
        return Response(status=204, headers=_state(found))

    @extend_schema(
        operation_id="override_upload", request={PART_OF_FILE: bytes}, responses={204: None}, parameters=[TUS]
    )
    def post(self, request: Request, upload_id: int) -> Response:
        """Do what `X-HTTP-Method-Override` says (PATCH or DELETE), for clients that can only send GET and POST."""
        _refuse_other_bodies(request)
        match request.headers.get("X-HTTP-Method-Override"):
            case "PATCH":
                return self.patch(request, upload_id)
            case "DELETE":
                return self.delete(request, upload_id)
        self._found(upload_id)
        raise MethodNotAllowed("POST")

    @extend_schema(operation_id="cancel_upload", responses={204: None}, parameters=[TUS])
    def delete(self, request: Request, upload_id: int) -> Response:
        """Cancel an upload and delete what has arrived."""
        actions.cancel_upload(upload=self._found(upload_id), by=self.member)
        return Response(status=204)


def _refuse_other_bodies(request: Request) -> None:
    """Refuse a body that is no part of a file."""
    if request._request.content_type != PART_OF_FILE:
        refuse_unknown(request.data, ())


def _number(request: Request, name: str) -> int:
    """Return a number in a header. Raises BadRequest."""
    value = request.headers.get(name, "")
    if not re.fullmatch(r"\d{1,15}", value, re.ASCII):
        raise BadRequest(_("The header “%(name)s” must be a number.") % {"name": name})
    return int(value)


def _metadata(request: Request) -> dict[str, str]:
    """Return the keys and values in Upload-Metadata. Raises Invalid."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except ValueError:
            # Of Base64, of UTF-8, or because the header isn’t ASCII.
            raise Invalid(_("“Upload-Metadata” must be in Base64.")) from None
        check_text(found[key], key)
    return found


def _state(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
