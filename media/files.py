"""Responses with files of attachments. Whoever calls this has checked who may see them."""

from django.core.files.storage import storages
from django.http import HttpResponse

from core.http import secured
from core.refusals import NotFound
from core.storages import storage_is_there
from media.addresses import TYPES
from media.models import Attachment


def file_response(attachment: Attachment, variant: str) -> HttpResponse:
    """Return the whole file of a small variant. Raises NotFound without one, Unavailable if the storage is away."""
    try:
        with storage_is_there(), storages["private"].open(attachment.files[variant]) as file:
            body = file.read()
    except (KeyError, FileNotFoundError):
        raise NotFound from None
    kind = TYPES.get(variant.rpartition(".")[2], "application/octet-stream")
    return secured(HttpResponse(body, content_type=kind))
