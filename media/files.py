"""Responses with files of attachments. Whoever calls this has checked who may see them."""

from typing import TypeVar

from django.core.files.storage import storages
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from core.refusals import NotFound
from core.storages import storage_is_there
from media.addresses import TYPES
from media.models import Attachment

R = TypeVar("R", bound=HttpResponseBase)


def file_response(attachment: Attachment, variant: str) -> HttpResponse:
    """Return the whole file of a small variant. Raises NotFound without one, Unavailable if the storage is away."""
    try:
        with storage_is_there(), storages["private"].open(attachment.files[variant]) as file:
            body = file.read()
    except (KeyError, FileNotFoundError):
        raise NotFound from None
    kind = TYPES.get(variant.rpartition(".")[2], "application/octet-stream")
    return secured(HttpResponse(body, content_type=kind))


def secured(response: R) -> R:
    """Let no browser run or guess anything."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
