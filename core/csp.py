"""The content security policy, in one place."""

from django.conf import settings


def policy(nonce: str) -> str:
    """Nothing inline but by nonce, nothing from elsewhere; pictures also from the media storage.

    A form may also lead to where members sign in: browsers hold its redirects to form-action too.
    """
    media = f" {settings.MEDIA_ORIGIN}" if getattr(settings, "MEDIA_ORIGIN", "") else ""
    sign_in = "".join(f" {origin}" for origin in getattr(settings, "SIGN_IN_ORIGINS", ()))
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{media}",
            f"media-src 'self' blob:{media}",
            "connect-src 'self'",
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            f"form-action 'self'{sign_in}",
            "frame-ancestors 'none'",
        ]
    )
