"""Languages and time zone."""

from .environment import BASE_DIR, env

LANGUAGES = [("en", "English"), ("de", "Deutsch")]
# For visitors without a known language, and for a member’s emails until they choose one.
LANGUAGE_CODE = env("SITE_LANGUAGE", default="en")
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# What follows these in a URL is a secret that permits an action, so it is never logged.
SECRET_PATHS = [
    "/invite/", "/accounts/confirm-email/", "/accounts/email/stop/", "/accounts/password/reset/key/",
]  # fmt: skip
