"""Database, Redis (cache, live messages) and files."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

from core.breaker import REDIS_TIMEOUT

from .community import POST_MAX_LENGTH
from .environment import BASE_DIR, DATA_DIR, env

# --- Database -------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'kith.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a deferred transaction that turns into a write fails at once instead of waiting.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The journal mode is stored in the file, set when it is migrated (core.apps).
        "init_command": (
            "PRAGMA synchronous="
            + env("SQLITE_SYNCHRONOUS", default="NORMAL")
            + "; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Redis ----------------------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "core.caches.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "kith",
            "OPTIONS": {
                "socket_timeout": REDIS_TIMEOUT,
                "socket_connect_timeout": REDIS_TIMEOUT,
                "retry": Retry(NoBackoff(), 0),
            },
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    }
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "core.layers.FanoutLayer",
        "CONFIG": {"redis_url": REDIS_URL},
    }
}

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
# Files at the root of the site, which browsers request unasked: favicon.ico.
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
S3_ENDPOINT_URL = env("S3_ENDPOINT_URL", default="")
S3_BUCKET = env("S3_BUCKET", default="")
# For files that only their owner may get (exports); preferably a bucket that isn’t public. Names there are secret.
S3_PRIVATE_BUCKET = env("S3_PRIVATE_BUCKET", default="") or S3_BUCKET
S3_PUBLIC_URL = env("S3_PUBLIC_URL", default="").rstrip("/")
OWNER_ONLY: dict[str, Any] = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": OWNER_ONLY},
    "private": {
        "BACKEND": "core.storages.PrivateFileStorage",
        "OPTIONS": {"location": DATA_DIR / "private", **OWNER_ONLY},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "core.s3.BoundedS3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "access_key": env("S3_ACCESS_KEY_ID", default=None),
            "secret_key": env("S3_SECRET_ACCESS_KEY", default=None),
            "region_name": env("S3_REGION", default=None),
            # Where browsers reach the bucket, if it has another address for them.
            "custom_domain": S3_PUBLIC_URL.partition("://")[2] or None,
            "url_protocol": f"{S3_PUBLIC_URL.partition('://')[0] or 'https'}:",
            "addressing_style": "path" if S3_ENDPOINT_URL else "auto",
            "querystring_auth": env.bool("S3_SIGNED_URLS", default=True),
            "file_overwrite": False,
        },
    }
    STORAGES["private"] = {
        "BACKEND": STORAGES["default"]["BACKEND"],
        "OPTIONS": {
            **STORAGES["default"]["OPTIONS"],
            "bucket_name": S3_PRIVATE_BUCKET,
            "location": "private",
            "default_acl": "private",
            "custom_domain": None,
            "querystring_auth": True,
            "file_overwrite": True,
            # Larger files are buffered on disk, not in memory.
            "max_memory_size": 5_000_000,
        },
    }
# The origin of pictures that this site doesn’t serve itself, for the Content-Security-Policy.
MEDIA_ORIGIN = ""
if S3_BUCKET:
    _region = f".{env('S3_REGION')}" if env("S3_REGION", default="") else ""
    MEDIA_ORIGIN = "/".join(
        (S3_PUBLIC_URL or S3_ENDPOINT_URL or f"https://{S3_BUCKET}.s3{_region}.amazonaws.com").split("/")[:3]
    )
FILE_UPLOAD_HANDLERS = [
    "media.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# How much a member may send in one request, apart from files; core.bodies limits everyone else.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# Of any text from outside, checked before it is used (core.limits).
TEXT_MAX_LENGTH = max(20_000, 4 * POST_MAX_LENGTH)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=12 * 1024 * 1024)
MEDIA_QUOTA_MB = env.int("MEDIA_QUOTA_MB", default=2048)
# Where files are while they arrive and while videos are processed, if not in the system's folder (core.private_files
# creates it).
FILE_UPLOAD_TEMP_DIR = env("UPLOAD_TEMP_DIR", default="") or None
# Videos and audio files.
RECORDING_MAX_BYTES = env.int("RECORDING_MAX_BYTES", default=200 * 1024 * 1024)
# Path → how large a file may be there and below.
LARGE_FILES = {"/api/media": RECORDING_MAX_BYTES, "/settings/files": RECORDING_MAX_BYTES}
RECORDING_MAX_SECONDS = env.int("RECORDING_MAX_SECONDS", default=600)
# How many are processed at once on this machine; each takes up to two cores.
ENCODERS = env.int("ENCODERS", default=1)
# The program; if there is none of this name, the one of the wheel imageio-ffmpeg.
FFMPEG = env("FFMPEG", default="ffmpeg")
