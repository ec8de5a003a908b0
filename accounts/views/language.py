from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.http import viewer_of
from core.forms import accepts_fields
from core.languages import is_offered
from core.refusals import Invalid


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields("language")
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language: for members everywhere, and in a cookie for this browser."""
    viewer = viewer_of(request)
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if request.method != "POST":
        context = {
            "languages": settings.LANGUAGES,
            "chosen": viewer.language if viewer else kept,
            "layout": "allauth/layouts/manage.html" if viewer else "base.html",
        }
        return render(request, "accounts/language.html", context)
    chosen = request.POST.get("language", "")
    if chosen and not is_offered(chosen):
        raise Invalid(_("Choose one of the available languages."))
    if viewer:
        actions.choose_language(by=viewer, language=chosen)
    response = redirect("accounts:language")
    if chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    # In the language that has just been chosen.
    with translation.override(chosen or translation.get_language_from_request(request)):
        messages.success(request, _("Language updated."))
    return response
