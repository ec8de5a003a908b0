"""In which language somebody is spoken to."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from accounts.models import Member
from core.languages import is_offered


def chosen_language(member: Member | AnonymousUser | None) -> str:
    """What the member (anybody, also nobody) has chosen in the settings; empty when that is none of ours any more."""
    chosen: str = getattr(member, "language", "")
    return chosen if is_offered(chosen) else ""


@contextmanager
def in_language_of(member: Member | None) -> Iterator[None]:
    """Write to a member who is not here to be asked: a mail, a notice that is kept as text."""
    with translation.override(chosen_language(member) or settings.LANGUAGE_CODE):
        yield
