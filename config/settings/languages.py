"""Languages and time zone."""

from .environment import BASE_DIR, env

LANGUAGES = [("en", "English"), ("de", "Deutsch")]
# Whom nothing else is known of (and a member's mails, until they choose) is spoken to in this one.
LANGUAGE_CODE = env("SITE_LANGUAGE", default="en")
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Whoever knows what follows these in an address may act by it: no log line holds it.
SECRET_PATHS = [
    "/invite/", "/accounts/confirm-email/", "/accounts/email/stop/", "/accounts/password/reset/key/",
]  # fmt: skip
