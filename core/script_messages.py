"""The messages of the modules in static/js/, translated: one script for each language other than English."""

import hashlib
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.i18n import JavaScriptCatalog

from core.languages import is_offered

ENGLISH = "en"


@cache
def script_messages(language: str) -> str:
    """Return the script that gives static/js/gettext.js its messages in this language; cached by the process."""
    request = HttpRequest()
    request.method = "GET"
    with translation.override(language):
        # Naming one package leaves out the messages of Django’s own scripts; ours are in LOCALE_PATHS.
        response = JavaScriptCatalog.as_view(packages=["core"])(request)
    assert isinstance(response, HttpResponse)
    return response.content.decode()


@cache
def script_messages_url(language: str) -> str:
    """Return the script’s URL, which changes with the messages, so that browsers may cache it; empty for English."""
    if language == ENGLISH or not is_offered(language):
        return ""
    version = hashlib.sha256(script_messages(language).encode()).hexdigest()[:12]
    return f"{reverse('core:js_messages', args=[language])}?v={version}"
