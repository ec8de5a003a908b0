"""Where the site runs: its folder, its data, its address. Read from the environment, like everything else here."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
HOST = env("HOST", default="127.0.0.1")
try:
    PORT = int(env("PORT", default="") or 8000)
except ValueError:
    raise SystemExit(f"PORT is a number from 0 to 65535, not {env('PORT')!r}.") from None
SITE_URL = env("SITE_URL", default=f"http://{HOST}:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
