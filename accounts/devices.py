"""What a browser calls itself, in words for a person."""

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
    ("okhttp", "Android app"),
    ("Dart", "App"),
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
    """("Firefox on Linux", "computer"); the kind is computer, phone or app."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system, kind = next(((name, kind) for sign, name, kind in _SYSTEMS if sign in user_agent), ("", ""))
    if browser and system:
        return f"{browser} on {system}", kind
    return browser or system or "An app", kind or "app"
