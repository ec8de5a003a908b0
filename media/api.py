from collections.abc import Callable

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.serializers import OwnProfileOut, PictureIn
from core.api import refuse_unknown
from core.parsers import BoundedJSONParser
from core.refusals import Invalid
from media import actions
from media.models import Attachment
from media.queries import own_attachment
from media.serializers import AttachmentEditIn, AttachmentIn, AttachmentOut, CaptionsIn
from media.uploads import check_received


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


class Attachments(ApiView):
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="upload_media", request=AttachmentIn, responses={201: AttachmentOut})
    def post(self, request: Request) -> Response:
        """Upload a picture (JPEG, PNG, WebP, AVIF, GIF), a video or an audio file for a post. Name its `id` in the
        post's `media` within a day. Its metadata is removed. Videos and audio are `processing` at first: read it again,
        or wait for the live message `media.changed`.
        """
        member = self.member
        check_received(request._request)
        made = actions.upload_attachment(by=member, **self.checked(AttachmentIn))
        return Response(AttachmentOut(made).data, status=201)


class OneAttachment(ApiView):
    def _found(self, media_id: int) -> Attachment:
        return own_attachment(self.member, media_id)

    @extend_schema(operation_id="media", responses=AttachmentOut)
    def get(self, request: Request, media_id: int) -> Response:
        """Return a file that you uploaded, with fresh addresses."""
        return Response(AttachmentOut(self._found(media_id)).data)

    @extend_schema(operation_id="edit_media", request=AttachmentEditIn, responses=AttachmentOut)
    def patch(self, request: Request, media_id: int) -> Response:
        """Change the description or focus of a file that isn't in a post yet."""
        found = self._found(media_id)
        actions.edit_attachment(attachment=found, by=self.member, **self.checked(AttachmentEditIn))
        return Response(AttachmentOut(found).data)

    @extend_schema(operation_id="delete_media", responses={204: None})
    def delete(self, request: Request, media_id: int) -> Response:
        """Delete a file that isn't in a post."""
        actions.discard(attachment=self._found(media_id), by=self.member)
        return Response(status=204)


class Captions(ApiView):
    # JSON too: whoever sends it for someone else's file gets the 404 of a file that never was, and not a 415.
    parser_classes = (MultiPartParser, BoundedJSONParser)

    @extend_schema(operation_id="set_captions", request=CaptionsIn, responses=AttachmentOut)
    def put(self, request: Request, media_id: int) -> Response:
        """Give a video that isn't in a post yet captions: a WebVTT or SRT file. Only its text and times are kept."""
        found = own_attachment(self.member, media_id)
        actions.set_captions(attachment=found, by=self.member, **self.checked(CaptionsIn))
        return Response(AttachmentOut(found).data)

    @extend_schema(operation_id="remove_captions", responses={204: None})
    def delete(self, request: Request, media_id: int) -> Response:
        """Remove the captions of a video that isn't in a post yet."""
        actions.remove_captions(attachment=own_attachment(self.member, media_id), by=self.member)
        return Response(status=204)


class Retry(ApiView):
    @extend_schema(operation_id="retry_media", request=None, responses=AttachmentOut)
    def post(self, request: Request, media_id: int) -> Response:
        """Process a video or audio file again that has failed."""
        found = own_attachment(self.member, media_id)
        actions.retry_encoding(attachment=found, by=self.member)
        return Response(AttachmentOut(found).data)
