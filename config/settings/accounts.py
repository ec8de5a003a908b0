"""Members: sign-up, sign-in, sessions, tokens."""

from typing import Any

from .apps import INSTALLED_APPS
from .community import SITE_NAME
from .environment import SITE_URL, env

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
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
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
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
# Pages that lead whoever is signed in on to where they were going.
GUEST_PAGES = ["account_login", "account_signup"]
