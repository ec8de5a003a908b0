"""The live site of the browser tests: as `make run` serves it, but everybody signs in from one address."""

from config.settings.dev import *  # noqa: F403

ACCOUNT_RATE_LIMITS = {"signup": "1000/m/ip", "login": "1000/m/ip", "login_failed": "1000/m/ip"}
API_RATES = {"read": "10000/minute", "write": "10000/minute"}
# Chosen to be slow, where a password may be stolen; here each test signs somebody in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
