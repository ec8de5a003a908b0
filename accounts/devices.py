"""Readable names for user agents."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("okhttp", gettext_lazy("Android app")),
    ("Dart", gettext_lazy("App")),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS = (
    ("iPhone", "iPhone", "phone"),
    ("iPad", "iPad", "phone"),
    ("Android", "Android", "phone"),
    ("CrOS", "ChromeOS", "computer"),
    ("Windows", "Windows", "computer"),
    ("Macintosh", "Mac", "computer"),
    ("Linux", "Linux", "computer"),
)


def device_name(user_agent: str) -> tuple[str, str]:
    """Return ("Firefox on Linux", "computer"); the kind is computer, phone or app."""
    browser = next((name for marker, name in _BROWSERS if marker in user_agent), "")
    system, kind = next(((name, kind) for marker, name, kind in _SYSTEMS if marker in user_agent), ("", ""))
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}, kind
    return str(browser or system) or _("An app"), kind or "app"
