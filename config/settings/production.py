"""Differences for production: refuses to start on a missing secret, uses TLS only, logs JSON."""

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import LOGGING, STORAGES, env

REQUIRED = {
    "SECRET_KEY": "signs sessions and links: 50 random characters or more",
    "JWT_PRIVATE_KEY": "signs the tokens of apps: an RSA key, PEM, its lines joined by \\n",
    "ALLOWED_HOSTS": "the names people type, separated by commas: kith.example",
    "SITE_URL": "the address people type: https://kith.example",
}
if _missing := [name for name in REQUIRED if not env(name, default="")]:
    raise ImproperlyConfigured(
        "\n".join(
            [
                "Kith can't start in production, because these variables aren't set:",
                *(f"  {name:<16} {REQUIRED[name]}" for name in _missing),
                "To make a file that sets all of them: python manage.py new_secrets kith.example > .env",
            ]
        )
    )

DEBUG = False
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
if env.bool("BEHIND_TLS_PROXY", default=True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
LOGGING["handlers"]["stderr"]["formatter"] = env("LOG_FORMAT", default="json")
SHOW_STYLE_PAGE = False
