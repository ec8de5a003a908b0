"""What `make run` serves: one process, SQLite, local files. A key of its own is made at the first start."""

from core.secret_key import kept_secret_key

from .base import *
from .base import DATA_DIR, SECRET_KEY

SECRET_KEY = SECRET_KEY or kept_secret_key(DATA_DIR)
SHOW_STYLE_PAGE = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
