from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.http import redirect_back, signed_in
from core.refusals import Invalid
from media import actions


@require_POST
def avatar(request: HttpRequest) -> HttpResponse:
    return _picture(request, actions.change_avatar, actions.remove_avatar, "Your picture")


@require_POST
def cover(request: HttpRequest) -> HttpResponse:
    return _picture(request, actions.change_cover, actions.remove_cover, "Your cover")


def _picture(
    request: HttpRequest, change: Callable[..., None], remove: Callable[..., bool], what: str
) -> HttpResponse:
    member: Any = signed_in(request)
    if request.POST.get("remove"):
        remove(member=member, by=member)
        messages.success(request, f"{what} is removed.")
    elif (file := request.FILES.get("picture")) is not None:
        change(member=member, file=file, by=member)
        messages.success(request, f"{what} is changed.")
    elif getattr(request, "upload_too_large", False):
        raise Invalid(f"A picture may have {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB at most.")
    else:
        raise Invalid("Please choose a picture first.")
    return redirect_back(request, reverse("accounts:profile"))
