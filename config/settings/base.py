"""The whole truth, read from the environment. dev, test and production hold differences only."""

import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.queues import DEFAULT, LIVE, OUTSIDE, ROUTES
from config.queues import QUEUES as QUEUES
from core.breaker import REDIS_TIMEOUT

# Django's generic classes take their types at run time too: ModelForm[Post].
django_stubs_ext.monkeypatch()

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

# --- The community ---------------------------------------------------------------------------------------
SITE_NAME = env("SITE_NAME", default="Kith")
SITE_TAGLINE = env("SITE_TAGLINE", default="") or _("A community of our own.")
# Who answers for the place and how to reach them, for the about page.
SITE_OPERATOR = env("SITE_OPERATOR", default="")
CONTACT_EMAIL = env("CONTACT_EMAIL", default="")
POST_MAX_LENGTH = env.int("POST_MAX_LENGTH", default=500)
NEW_MEMBER_DAYS = env.int("NEW_MEMBER_DAYS", default=3)
# What members agree to, in the order of the about page; reports and decisions name a rule by its id.
COMMUNITY_RULES: list[dict[str, Any]] = env.json(
    "COMMUNITY_RULES",
    default=[
        {
            "id": "spam",
            "title": _("No spam"),
            "text": _("No unwanted ads, scams or flooding."),
        },
        {
            "id": "harassment",
            "title": _("No harassment"),
            "text": _("Debate ideas. Don’t target people."),
        },
        {"id": "hate", "title": _("No hate"), "text": _("Don’t attack people for who they are.")},
        {"id": "violence", "title": _("No violence"), "text": _("No threats, and no praise of violence.")},
        {
            "id": "sexual",
            "title": _("No sexual content"),
            "text": _("No pornography, and never anything sexual about minors."),
        },
        {
            "id": "privacy",
            "title": _("No doxxing"),
            "text": _("Don’t share other people’s addresses, phone numbers or other private details."),
        },
        {
            "id": "self_harm",
            "title": _("No encouraging self-harm"),
            "text": _("Talking about your own pain is welcome. Encouraging others to hurt themselves isn’t."),
        },
        {
            "id": "misinformation",
            "title": _("No harmful misinformation"),
            "text": _("No false claims that put people in danger."),
        },
    ],
)

# What members may say they care for, and the tags by which posts about it are known. The label is written as within a
# sentence; alone, it begins with a capital.
TOPICS: list[dict[str, Any]] = env.json(
    "TOPICS",
    default=[
        {"key": key, "label": label, "tags": tags.split()}
        for key, label, tags in (
            (
                "neighbourhood",
                _("neighbourhood"),
                "neighbourhood lostandfound streetfest sharing goodneighbours smalltown",
            ),
            ("news", _("news and politics"), "news politics elections democracy economy journalism"),
            (
                "tech",
                _("technology"),
                "tech technology programming python django opensource code debugging ai linux",
            ),
            (
                "science",
                _("science"),
                "science physics biology maths space astronomy nightsky stargazing telescope",
            ),
            (
                "nature",
                _("nature and gardens"),
                "nature gardening allotment seeds compost growyourown birds hiking",
            ),
            ("food", _("food"), "food cooking bread recipes soup leftovers sundaylunch baking"),
            ("music", _("music"), "music vinyl choir openstage practice brassband concert nowplaying"),
            ("film", _("film and series"), "film cinema nowwatching filmclub matinee subtitles series tv"),
            ("anime", _("anime and comics"), "anime manga comics cosplay"),
            ("games", _("games"), "games gaming boardgames videogames chess indiegames"),
            ("books", _("books"), "books reading bookclub library poetry nightstand writing"),
            ("art", _("art and design"), "art design drawing painting illustration museum architecture"),
            (
                "photography",
                _("photography"),
                "photography photo film35mm light darkroom oneaday streetphoto",
            ),
            ("crafts", _("crafts"), "crafts knitting woodwork mending handmade workbench diy sewing"),
            (
                "sports",
                _("sports"),
                "sports football matchday grassroots sundayleague running basketball tennis fitness",
            ),
            ("cycling", _("cycling"), "cycling bikecommute repaircafe slowride cargobike twowheels bikes"),
            ("cars", _("cars"), "cars motorsport formula1 f1 electriccars classiccars"),
            ("travel", _("travel"), "travel trains backpacking city mountains sea"),
            ("pets", _("pets"), "pets cats dogs animals adoptdontshop"),
            ("health", _("health"), "health mentalhealth sleep nutrition yoga"),
        )
    ],
)

# --- Apps ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # First: our templates and our translations come before those of the same names in allauth and Django.
    "accounts",
    "core",
    "media",
    "social",
    "posts",
    "messaging",
    "moderation",
    "feed",
    "notifications",
    "search",
    "demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "allauth.socialaccount",
]

MIDDLEWARE = [
    "core.middleware.TraceMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.PermissionsPolicyMiddleware",
    "core.middleware.CacheControlMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LastSeenMiddleware",
    "accounts.app_door.AppDoorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.LimitsMiddleware",
    "core.middleware.RefusalMiddleware",
]

# Pages that hold messages, notifications, invitations, codes, settings, reports, or what only staff see: no browser
# and no proxy keeps them (core.middleware.CacheControlMiddleware).
NEVER_STORED_PATHS = (
    "/accounts/",
    "/_allauth/",
    "/admin/",
    "/decisions",
    "/follow-requests",
    "/goodbye",
    "/invite/",
    "/messages",
    "/moderation",
    "/notifications",
    "/reports",
    "/settings",
    "/welcome-back",
)

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"
COUNTERS = "config.counters.COUNTERS"
STATUS_COUNTERS = "config.counters.STATUS_COUNTERS"
STREAMS = "config.sockets.STREAMS"
ACCOUNT_SETTINGS = "config.account_settings.ACCOUNT_SETTINGS"
ERASURES = "config.erasures.ERASURES"
DATA_EXPORTS = "config.exports.EXPORTS"
TRANSFERS = "config.transfers.TRANSFERS"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.site",
                "notifications.context.unread",
                "messaging.context.unread",
                "feed.context.trends",
            ],
            "builtins": ["core.templatetags.kith", "django.templatetags.i18n"],
        },
    }
]

# --- Database --------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'kith.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a deferred transaction that turns into a write fails at once instead of waiting its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The journal mode is a fact of the file, set when it is migrated (core.apps).
        "init_command": (
            "PRAGMA synchronous="
            + env("SQLITE_SYNCHRONOUS", default="NORMAL")
            + "; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Redis: cache, broker, live --------------------------------------------------------------------------
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

# --- Jobs ------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 600, "socket_timeout": 5, "socket_connect_timeout": 1}
    if REDIS_URL
    # The in-memory transport looks for work once a second unless told otherwise.
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_DEFAULT_QUEUE = DEFAULT
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in QUEUES}
CELERY_TASK_ROUTES = {task: {"queue": queue} for task, queue in ROUTES.items()}
# Threads for each queue, in the one process of the embedded default.
EMBEDDED_THREADS = {LIVE: 4, DEFAULT: 2, OUTSIDE: 8}
CELERY_BEAT_SCHEDULER = "core.schedule:DatabaseScheduler"
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TIMEZONE = "UTC"

# --- Files -----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
S3_ENDPOINT_URL = env("S3_ENDPOINT_URL", default="")
S3_BUCKET = env("S3_BUCKET", default="")
# Where files go that only their owner may have (exports); best a bucket that is not public. Names there are secret.
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
            # Where browsers find the bucket, when that is not where we do.
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
            # Read from a file beside, and not from memory.
            "max_memory_size": 5_000_000,
        },
    }
# Where pictures come from when not from here, for the Content-Security-Policy.
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
# What a member may send in one request, beside files; core.bodies says what others may.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# Of any one text that comes in, before it is looked at (core.limits).
TEXT_MAX_LENGTH = max(20_000, 4 * POST_MAX_LENGTH)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=10 * 1024 * 1024)

# --- Mail ------------------------------------------------------------------------------------------------
# Without EMAIL_URL a mail is printed in the terminal and kept in DATA_DIR/mail.
if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "core.mail.TerminalAndFolderBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Kith <kith@localhost>")

# --- Members ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.MemberBackend",
    # Sessions that these have begun go on; nobody signs in by them any more.
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.tokens.PasswordResetTokens"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
USERSESSIONS_ADAPTER = "accounts.adapters.SessionsAdapter"
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
HEADLESS_ADAPTER = "accounts.adapters.AppAdapter"
ACCOUNT_USER_DISPLAY = "accounts.adapters.display_name"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "add_email": "accounts.forms.AddEmailForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username", "password1*"]
ACCOUNT_USERNAME_BLACKLIST = [
    "about", "admin", "administrator", "anonymous", "everyone", "help", "here", "kith", "mod", "moderator",
    "moderation", "official", "root", "security", "staff", "support", "system",
]  # fmt: skip
ACCOUNT_PRESERVE_USERNAME_CASING = False
# How long an account that its owner deleted can be brought back, before it is erased.
ACCOUNT_GRACE_DAYS = env.int("ACCOUNT_GRACE_DAYS", default=30)
# open: whoever wants; approval: moderators let people in; invite: by the link of a member only.
SIGNUP_MODE = env("SIGNUP_MODE", default="open")
# What every form that makes an account asks beside the usual, on the pages, from elsewhere and in apps.
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.join_form.JoinForm"
# mandatory: nobody signs in before the address is confirmed; optional: a mail is sent and waited for by nobody; none.
ACCOUNT_EMAIL_VERIFICATION = env("EMAIL_VERIFICATION", default="optional")
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Whoever asks for a new password, signs up or changes their address reads the same page and waits the same time,
# whether an account has that address or not. Strict: more than one account may say that it is theirs, until one of
# them has confirmed it (Member.email_state).
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https:") else "http"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# The defaults of allauth, and no more than ten mistaken passwords a minute from one address (IPv6: one /64). How many
# for one member: accounts.limits, which knows the member and not only what was typed. It counts mails, too: allauth
# would let the page show that an address has had one lately.
ACCOUNT_RATE_LIMITS = {
    "signup": "20/m/ip,200/d/ip",
    "login": "30/m/ip",
    "login_failed": "10/m/ip",
    "confirm_email": "",
}
# accounts.middleware keeps the last use, at most every five minutes; allauth would write on every request.
USERSESSIONS_TRACK_ACTIVITY = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys over plain HTTP on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_URL.startswith("http:")

# Apps sign in at /_allauth/app/v1/ and get a short access token and a refresh token, both of one session: when that
# session is ended they are refused at once.
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.TokenStrategy"
HEADLESS_JWT_PRIVATE_KEY = env.str("JWT_PRIVATE_KEY", default="", multiline=True)
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
TOKEN_HOLDER = "accounts.tokens.holder_of"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 60 * 60 * 24 * 60

# A button and routes for each that is configured; of the others there is nothing. An e-mail address from elsewhere
# never opens an account that is here already, however well it is said to be verified: its owner signs in first, and
# connects the two under Settings.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.SocialSignupForm"}
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
# Where a sign-in form may lead (Content-Security-Policy form-action); more when a provider passes on to another.
SIGN_IN_ORIGINS = env.list("SIGN_IN_ORIGINS", default=[])
for _provider, _prefix, _origin, _scope in (
    ("google", "GOOGLE", "https://accounts.google.com", ["openid", "profile", "email"]),
    ("github", "GITHUB", "https://github.com", ["read:user", "user:email"]),
):
    if env(f"{_prefix}_CLIENT_ID", default="") and env(f"{_prefix}_CLIENT_SECRET", default=""):
        SOCIALACCOUNT_PROVIDERS[_provider] = {
            "APPS": [{"client_id": env(f"{_prefix}_CLIENT_ID"), "secret": env(f"{_prefix}_CLIENT_SECRET")}],
            "SCOPE": _scope,
            "OAUTH_PKCE_ENABLED": True,
        }
        INSTALLED_APPS.append(f"allauth.socialaccount.providers.{_provider}")
        SIGN_IN_ORIGINS.append(_origin)
if env("OIDC_ISSUER", default="") and env("OIDC_CLIENT_ID", default=""):
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env("OIDC_NAME", default="single sign-on"),
                "client_id": env("OIDC_CLIENT_ID"),
                "secret": env("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": env("OIDC_ISSUER")},
            }
        ],
    }
    SIGN_IN_ORIGINS.append("/".join(env("OIDC_ISSUER").split("/")[:3]))
# Nothing inline but the import map, by its nonce, and nothing from elsewhere; pictures also from the media storage.
# Browsers hold the redirects of a form to form-action too, so a form may also lead to where members sign in.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *filter(None, [MEDIA_ORIGIN])],
        "media-src": [SELF, "blob:", *filter(None, [MEDIA_ORIGIN])],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *SIGN_IN_ORIGINS],
        "frame-ancestors": [NONE],
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
# Pages that lead whoever is signed in on to where they were going.
GUEST_PAGES = ["account_login", "account_signup"]

# --- Looking outward -------------------------------------------------------------------------------------
ELASTICSEARCH_URL = env("ELASTICSEARCH_URL", default="")
ELASTICSEARCH_PREFIX = env("ELASTICSEARCH_PREFIX", default="kith")
# How long a page waits for the search server, in seconds, before the database answers instead.
ELASTICSEARCH_TIMEOUT = env.float("ELASTICSEARCH_TIMEOUT", default=1.0)
ELASTICSEARCH_DSL: dict[str, Any] = {"default": {"hosts": ELASTICSEARCH_URL or "http://127.0.0.1:9200"}}
ELASTICSEARCH_DSL_AUTOSYNC = False
ANTHROPIC_API_KEY = env("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL = env("ANTHROPIC_BASE_URL", default="")
ANTHROPIC_MODEL = env("ANTHROPIC_MODEL", default="claude-haiku-4-5")
ANTHROPIC_TIMEOUT = env.float("ANTHROPIC_TIMEOUT", default=20.0)
# Review: how sure a verdict must be to count, and how long and how often a model that fails is asked again (seconds).
REVIEW_CONFIDENCE = env.float("REVIEW_CONFIDENCE", default=0.7)
REVIEW_TIME_LIMIT = env.int("REVIEW_TIME_LIMIT", default=120)
REVIEW_ATTEMPTS = env.int("REVIEW_ATTEMPTS", default=4)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# How many one address, or one member, may hold open of one process. Proxies that are trusted are not counted.
CONNECTIONS_PER_ADDRESS = env.int("CONNECTIONS_PER_ADDRESS", default=256)
SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=128)
SOCKETS_PER_MEMBER = env.int("SOCKETS_PER_MEMBER", default=32)

# --- API -------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.parsers.BoundedJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "core.schema.Schema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "DEFAULT_VERSION": "1",
    "ALLOWED_VERSIONS": ["1"],
}
# For each member, or each address of visitors.
API_RATES = {
    "read": env("API_RATE_READ", default="300/minute"),
    "write": env("API_RATE_WRITE", default="100/minute"),
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": (
        "Everything that the pages can do, for apps. Sign in at /_allauth/app/v1/auth/login and send the access token "
        "as `Authorization: Bearer …`. Lists come in pages of {items, next}; give `next` as `cursor`. Errors are "
        "{error, message, trace_id} and, for bad input, {fields}. Ids are strings. A field that is not known is "
        "refused, so that nothing is believed to have had an effect. Every body needs a Content-Length."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/",
    "ENUM_NAME_OVERRIDES": {
        "MutedWordAct": "social.models.MutedWord.Action",
        "DecisionAct": "moderation.models.Decision.Act",
        "ReviewState": "moderation.models.Review.State",
        "ReportOutcome": "moderation.models.Report.Outcome",
        "RuleAction": "moderation.models.WordRule.Action",
        "TextCategory": "moderation.models.Category",
        "PostOutStateEnum": "posts.models.Post.State",
        "OutcomeEnum": "accounts.models.DataImportRow.Outcome",
    },
    "PREPROCESSING_HOOKS": ["core.schema.only_our_api"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.schema.with_errors",
        "core.schema.without_unknown_fields",
    ],
}

# --- Language and time -----------------------------------------------------------------------------------
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

# --- Logs: words in the terminal, JSON in production -------------------------------------------------------
LOG_FORMAT = env("LOG_FORMAT", default="text")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "trace": {"()": "core.logs.TraceFilter"},
        "outages": {"()": "core.logs.OutageFilter"},
        "secrets": {"()": "core.logs.SecretPathFilter"},
        "repeats": {"()": "core.logs.RepeatFilter"},
    },
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)-7s %(name)s [%(trace_id)s] %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(trace_id)s",
            "rename_fields": {
                "asctime": "time",
                "levelname": "level",
                "name": "logger",
            },
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": LOG_FORMAT,
            "filters": ["repeats", "trace", "outages", "secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "kith": {"level": env("LOG_LEVEL", default="INFO")},
    },
}
