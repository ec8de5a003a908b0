from django.conf import settings


def is_offered(language: str) -> bool:
    """Return whether the pages are available in this language (settings.LANGUAGES)."""
    return language in dict(settings.LANGUAGES)
