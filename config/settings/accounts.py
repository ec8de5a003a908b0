"""Members: sign-up, sign-in, sessions, tokens."""

from typing import Any

from .apps import INSTALLED_APPS
from .community import SITE_NAME
from .environment import SITE_URL, env

AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.MemberBackend",
    # For existing sessions only; they no longer sign anyone in.
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
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_USERNAME_BLACKLIST = [
    "about", "admin", "administrator", "anonymous", "everyone", "help", "here", "kith", "mod", "moderator",
    "moderation", "official", "root", "security", "staff", "support", "system",
]  # fmt: skip
ACCOUNT_PRESERVE_USERNAME_CASING = False
# How long its owner can restore a deleted account, before it is erased.
ACCOUNT_GRACE_DAYS = env.int("ACCOUNT_GRACE_DAYS", default=30)
# open: everyone can join; approval: a moderator must approve; invite: only with a member’s invite link.
SIGNUP_MODE = env("SIGNUP_MODE", default="open")
# Adds fields to every sign-up form: on pages, through other sites and in apps.
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.join_form.JoinForm"
# mandatory: the address must be confirmed before signing in; optional: an email asks to confirm it; none: no email.
ACCOUNT_EMAIL_VERIFICATION = env("EMAIL_VERIFICATION", default="optional")
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Resetting a password, signing up and changing an address show the same page and take the same time, whether an account
# has that address or not. Strict: several accounts may claim an address until one has confirmed it
# (Member.email_state).
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https:") else "http"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# allauth’s defaults, and up to ten wrong passwords a minute from one address (IPv6: one /64). accounts.limits counts
# per member, whatever name was entered. It also counts emails: allauth’s page would reveal that an address just got
# one.
ACCOUNT_RATE_LIMITS = {
    "signup": "20/m/ip,200/d/ip",
    "login": "30/m/ip",
    "login_failed": "10/m/ip",
    "confirm_email": "",
}
# accounts.middleware stores the last use, at most every five minutes; allauth would write on every request.
USERSESSIONS_TRACK_ACTIVITY = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys over plain HTTP on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_URL.startswith("http:")

# Apps sign in at /_allauth/app/v1/ and get a short access token and a refresh token, both of one session: they
# are refused as soon as the session ends.
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.TokenStrategy"
HEADLESS_JWT_PRIVATE_KEY = env.str("JWT_PRIVATE_KEY", default="", multiline=True)
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
TOKEN_HOLDER = "accounts.tokens.holder_of"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 60 * 60 * 24 * 60

# Only configured providers have a button and routes. An email address from a provider never signs in to an existing
# account, even if it is verified: its owner signs in first, and connects the two under Settings.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.SocialSignupForm"}
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
# Where a sign-in form may redirect (Content-Security-Policy form-action); add the sites that a provider redirects to.
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
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
# Pages that redirect members who are already signed in.
GUEST_PAGES = ["account_login", "account_signup"]
