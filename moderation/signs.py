"""The signs of spam that moderation.local sees, kept as codes ("links:4 first_link") and named for whoever reads."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def named(stored: str) -> str:
    """The signs as a sentence. What is none of them, an older version stored as a sentence: it is given as it is."""
    names = [_name(*sign.partition(":")[::2]) for sign in stored.split()]
    if not names or "" in names:
        return stored
    return f"{capfirst(', '.join(names))}."


def _name(sign: str, number: str) -> str:
    """What the sign is called; empty when it is unknown."""
    n = int(number) if number.isascii() and number.isdigit() else 0
    match sign:
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
