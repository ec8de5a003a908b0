"""What `make run` serves: one process, SQLite, local files. A key is created at the first start."""

from core.secret_key import load_or_create_rsa_key, load_or_create_secret_key

from .base import *
from .base import DATA_DIR, HEADLESS_JWT_PRIVATE_KEY, SECRET_KEY

SECRET_KEY = SECRET_KEY or load_or_create_secret_key(DATA_DIR)
HEADLESS_JWT_PRIVATE_KEY = HEADLESS_JWT_PRIVATE_KEY or load_or_create_rsa_key(DATA_DIR)
SHOW_STYLE_PAGE = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
