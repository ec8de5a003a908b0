"""What `make run` serves: one process, SQLite, local files. A key of its own is made at the first start."""

from core.secret_key import kept_rsa_key, kept_secret_key

from .base import *
from .base import DATA_DIR, HEADLESS_JWT_PRIVATE_KEY, SECRET_KEY

SECRET_KEY = SECRET_KEY or kept_secret_key(DATA_DIR)
HEADLESS_JWT_PRIVATE_KEY = HEADLESS_JWT_PRIVATE_KEY or kept_rsa_key(DATA_DIR)
SHOW_STYLE_PAGE = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
