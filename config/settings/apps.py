"""Installed apps, middleware, registries and templates."""

from typing import Any

from .environment import BASE_DIR

INSTALLED_APPS = [
    # First, so that our templates and translations take precedence over those of allauth and Django.
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
    "django.contrib.sitemaps",
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
    "accounts.app_auth.AppAuthMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.LimitsMiddleware",
    "core.middleware.RefusalMiddleware",
]

# Pages with messages, notifications, invites, codes, settings, reports, or for staff only: no browser or proxy stores
# them (core.middleware.CacheControlMiddleware).
NEVER_STORED_PATHS = (
    "/accounts/",
    "/_allauth/",
    "/admin/",
    "/autocomplete",
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
