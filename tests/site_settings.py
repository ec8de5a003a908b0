"""Settings of the live site for browser tests: as `make run` serves it, but all members sign in from one address."""

from config.settings.dev import *  # noqa: F403

ACCOUNT_RATE_LIMITS = {"signup": "1000/m/ip", "login": "1000/m/ip", "login_failed": "1000/m/ip"}
API_RATES = {"read": "10000/minute", "write": "10000/minute"}
# Tests reach no other site.
LINK_CARDS = False
# Password hashing is slow on purpose; tests sign in often.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
