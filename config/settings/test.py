"""Differences for tests: fast passwords, jobs at once, files and emails in memory."""

import os
import tempfile

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="kith-test-")
os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests-only-for-tests")

from core.secret_key import load_or_create_rsa_key

from .base import *
from .base import DATA_DIR, DATABASES, INSTALLED_APPS

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production: concurrent threads of a test need WAL and its locks.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}

# Tests set providers up as they need them.
INSTALLED_APPS += [
    f"allauth.socialaccount.providers.{name}" for name in ("google", "github", "openid_connect")
]
DEBUG = False
HEADLESS_JWT_PRIVATE_KEY = load_or_create_rsa_key(DATA_DIR)
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://localhost/"
# Tests reach no other site; those of link cards switch them on.
LINK_CARDS = False
SHOW_STYLE_PAGE = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
