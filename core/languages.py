from django.conf import settings


def is_offered(language: str) -> bool:
    """Whether it is one of those in which the pages speak (settings.LANGUAGES)."""
    return language in dict(settings.LANGUAGES)
