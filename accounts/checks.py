from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from accounts.models import SignupMode


@register(Tags.security)
def signup_mode_is_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Report an unknown SIGNUP_MODE at start."""
    if settings.SIGNUP_MODE in list(SignupMode):
        return []
    modes = ", ".join(SignupMode)
    return [Error(f"SIGNUP_MODE is one of {modes}, not {settings.SIGNUP_MODE!r}.", id="accounts.E001")]
