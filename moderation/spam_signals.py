"""Describing the signals that moderation.spam finds: stored as codes ("links:4 early_link"), shown as a sentence."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def describe_signals(stored: str) -> str:
    """Return the signals as a sentence. Text that isn't codes was stored by an older version: return it unchanged."""
    names = [_name(*signal.partition(":")[::2]) for signal in stored.split()]
    if not names or "" in names:
        return stored
    return f"{capfirst(', '.join(names))}."


def _name(signal: str, number: str) -> str:
    """Return what the signal is called; empty if it is unknown."""
    n = int(number) if number.isascii() and number.isdigit() else 0
    match signal:
        case "links":
            return ngettext("%(number)s link", "%(number)s links", n) % {"number": n}
        case "early_link":
            return _("a link in one of the first posts")
        case "mentions":
            return ngettext("%(number)s person mentioned", "%(number)s people mentioned", n) % {"number": n}
        case "hashtags":
            return ngettext("%(number)s hashtag", "%(number)s hashtags", n) % {"number": n}
        case "capitals":
            return _("mostly capital letters")
        case "repetition":
            return _("repeated content")
        case "same_text":
            return ngettext(
                "the same text %(number)s time within a day", "the same text %(number)s times within a day", n
            ) % {"number": n}
        case "same_text_again":
            return _("the same text as a moment ago")
    return ""
