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
AUTHENTICATION_METHODS_KEY = "account_authentication_methods"
"""What allauth stores in a session at sign-in; a session without it isn't in the list of sessions."""


class LanguageMiddleware(LocaleMiddleware):
    """Uses the language that the member has chosen; for others that of their cookie, or else of their browser."""

    def process_request(self, request: HttpRequest) -> None:
        # Pictures and the scripts' translations are the same for everyone, so the member isn't loaded.
        needs_member = not request.path.startswith((settings.MEDIA_URL, "/words/"))
        chosen = chosen_language(request.user) if needs_member else ""
        translation.activate(chosen or translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()


class LastSeenMiddleware:
    """Stores when and from where a session was last used, at most once in five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = getattr(request, "session", None)
        if (
            session is not None
            and session.accessed
            and session.session_key
            and AUTHENTICATION_METHODS_KEY in session
        ):
            key = session.session_key
            if cache.add(f"seen:{key}", 1, SEEN_EVERY.total_seconds()):
                try:
                    touch_session(session_key=key, address=client_address(request))
                except Error as fault:
                    # With a full disk, pages can still be read.
                    log.warning("couldn’t store when a session was last used: %s", fault)
        return response
