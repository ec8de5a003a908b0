"""The language of pages and emails for a member."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from accounts.models import Member
from core.languages import is_offered


def chosen_language(member: Member | AnonymousUser | None) -> str:
    """Return the language that the member has chosen, if it is still offered; else empty, also for visitors."""
    chosen: str = getattr(member, "language", "")
    return chosen if is_offered(chosen) else ""


@contextmanager
def in_language_of(member: Member | None) -> Iterator[None]:
    """Activate the language of a member for a text outside of their requests: an email, a stored note."""
    with translation.override(chosen_language(member) or settings.LANGUAGE_CODE):
        yield
