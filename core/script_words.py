"""What the modules of static/js/ say in another language than English: one script for everybody who reads that one."""

import hashlib
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.i18n import JavaScriptCatalog

from core.languages import is_offered

ENGLISH = "en"


@cache
def script_words(language: str) -> str:
    """The script by which static/js/words.js knows its sentences in a language; as long as the process lasts."""
    request = HttpRequest()
    request.method = "GET"
    with translation.override(language):
        # One package is named so that those of Django's and others' scripts stay out; ours lie in LOCALE_PATHS.
        response = JavaScriptCatalog.as_view(packages=["core"])(request)
    assert isinstance(response, HttpResponse)
    return response.content.decode()


@cache
def script_words_url(language: str) -> str:
    """Where it lies. The address changes with the words, so that browsers may keep it; empty for English itself."""
    if language == ENGLISH or not is_offered(language):
        return ""
    version = hashlib.sha256(script_words(language).encode()).hexdigest()[:12]
    return f"{reverse('core:words', args=[language])}?v={version}"
