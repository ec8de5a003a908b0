from collections.abc import Callable

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.serializers import OwnProfileOut, PictureIn
from core.api import refuse_unknown
from core.refusals import Invalid
from media import actions


class _Picture(ApiView):
    parser_classes = (MultiPartParser,)
    change: Callable[..., None]
    remove: Callable[..., bool]

    def put(self, request: Request) -> Response:
        member = self.member
        refuse_unknown(request.data, ("picture",))
        file = request.FILES.get("picture")
        if file is None:
            raise Invalid(fields={"picture": [_("Send a picture as multipart/form-data.")]})
        type(self).change(member=member, file=file, by=member)
        member.refresh_from_db()
        return Response(OwnProfileOut(member).data)

    def delete(self, request: Request) -> Response:
        type(self).remove(member=self.member, by=self.member)
        return Response(status=204)


class Avatar(_Picture):
    change = staticmethod(actions.change_avatar)
    remove = staticmethod(actions.remove_avatar)

    @extend_schema(operation_id="change_avatar", request=PictureIn, responses=OwnProfileOut)
    def put(self, request: Request) -> Response:
        """Set the profile picture (JPEG, PNG, WebP, GIF). It is cropped to a square, and its metadata is removed."""
        return super().put(request)

    @extend_schema(operation_id="remove_avatar", responses={204: None})
    def delete(self, request: Request) -> Response:
        return super().delete(request)


class Cover(_Picture):
    change = staticmethod(actions.change_cover)
    remove = staticmethod(actions.remove_cover)

    @extend_schema(operation_id="change_cover", request=PictureIn, responses=OwnProfileOut)
    def put(self, request: Request) -> Response:
        """Set the cover picture of the profile, three to one."""
        return super().put(request)

    @extend_schema(operation_id="remove_cover", responses={204: None})
    def delete(self, request: Request) -> Response:
        return super().delete(request)
