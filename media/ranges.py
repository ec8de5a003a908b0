"""Sends parts of a file, as players ask for them (RFC 9110, 14). One range at a time; nothing is kept in memory."""

import re
from typing import Any

from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core.http import stream_response


def range_response(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Return a file of the private storage, or the part of it that the request’s `Range` names. Raises OSError."""
    storage: Any = storages["private"]
    size = storage.size(name)
    wanted = _range(request.headers.get("Range", ""), size)
    if wanted is not None and wanted[0] > wanted[1]:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    start, end = wanted or (0, size - 1)
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind, status=206 if wanted else 200)
        response["Content-Length"] = str(end - start + 1)
    else:
        file = storage.open_at(name, start, end)
        response = stream_response(
            request, file, size=end - start + 1, kind=kind, status=206 if wanted else 200
        )
    response["Accept-Ranges"] = "bytes"
    if wanted is not None:
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that are asked for; the first is greater if there are none. None stands for
    the whole file: also for what can’t be understood and for several ranges, as the RFC allows.
    """
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip(), re.ASCII)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        # The last so many bytes.
        length = int(found[2])
        return (max(0, size - length), size - 1) if length else (size, size - 1)
    start = int(found[1])
    end = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < start:
        return None
    return start, end
