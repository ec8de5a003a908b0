"""Dates and times as text. They are stored in UTC, and only the browser knows the reader’s time zone: a page renders
UTC and says so, and static/js/time.js replaces it with local time. Emails use UTC.
"""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def in_utc(moment: datetime | None) -> str:
    """Return day and time: "3 March 2026, 14:05 UTC"."""
    return f"{date_format(moment.astimezone(UTC), 'DATETIME_FORMAT')} UTC" if moment else ""


def day_in_utc(moment: datetime | None) -> str:
    return f"{date_format(moment.astimezone(UTC), 'DATE_FORMAT')} UTC" if moment else ""


def short_ago(moment: datetime | None) -> str:
    """Return how long ago, as short as a badge: now, 5m, 3h, 2d, then the day; like static/js/time.js."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return _("now")
    if seconds < 3600:
        return _("%(minutes)sm") % {"minutes": int(seconds // 60)}
    if seconds < 86_400:
        return _("%(hours)sh") % {"hours": int(seconds // 3600)}
    if seconds < 7 * 86_400:
        return _("%(days)sd") % {"days": int(seconds // 86_400)}
    # These two are formats of Django's filter `date`.
    return date_format(moment, _("M j") if moment.year == timezone.now().year else _("M j, Y"))
