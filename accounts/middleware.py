import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from accounts.actions import touch_session
from accounts.languages import chosen_language
from core.client import client_address

log = logging.getLogger("kith.accounts")

SEEN_EVERY = timedelta(minutes=5)
SIGNED_IN_WITH = "account_authentication_methods"
"""What allauth writes into a session at sign-in; a session without it is in no list of sessions."""


class LanguageMiddleware(LocaleMiddleware):
    """Speaks the language that the member has chosen; to others as their cookie, or else their browser, says."""

    def process_request(self, request: HttpRequest) -> None:
        # Pictures, and the sentences of scripts, are the same for everybody: it need not be known who asks.
        asks_for_words = not request.path.startswith((settings.MEDIA_URL, "/words/"))
        chosen = chosen_language(request.user) if asks_for_words else ""
        translation.activate(chosen or translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()


class LastSeenMiddleware:
    """Keeps when and from where a session was last used, with one write in five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = getattr(request, "session", None)
        if session is not None and session.accessed and session.session_key and SIGNED_IN_WITH in session:
            key = session.session_key
            if cache.add(f"seen:{key}", 1, SEEN_EVERY.total_seconds()):
                try:
                    touch_session(session_key=key, address=client_address(request))
                except Error as fault:
                    # On a full disk pages are still read.
                    log.warning("the last use of a session is not kept: %s", fault)
        return response
