from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import signed_in
from core.forms import accepts_fields
from core.http import redirect_back
from core.refusals import Invalid
from media import actions
from media.images import too_big


@require_POST
@accepts_fields("picture", "remove")
def avatar(request: HttpRequest) -> HttpResponse:
    return _picture(
        request,
        actions.change_avatar,
        actions.remove_avatar,
        changed=_("Picture updated."),
        removed=_("Picture removed."),
    )


@require_POST
@accepts_fields("picture", "remove")
def cover(request: HttpRequest) -> HttpResponse:
    return _picture(
        request,
        actions.change_cover,
        actions.remove_cover,
        changed=_("Cover updated."),
        removed=_("Cover removed."),
    )


def _picture(
    request: HttpRequest,
    change: Callable[..., None],
    remove: Callable[..., bool],
    *,
    changed: str,
    removed: str,
) -> HttpResponse:
    member = signed_in(request)
    if request.POST.get("remove"):
        remove(member=member, by=member)
        messages.success(request, removed)
    elif (file := request.FILES.get("picture")) is not None:
        change(member=member, file=file, by=member)
        messages.success(request, changed)
    elif getattr(request, "upload_too_large", False):
        raise too_big()
    else:
        raise Invalid(_("Please choose a picture first."))
    return redirect_back(request, reverse("accounts:profile"))
