from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from moderation.queries import Tab, shows_signup_queue, signups_count, tab_counts, trends_count


def queue_tabs(viewer: Member) -> list[tuple[str, str, str]]:
    """Return the tabs of the queue as (key, text, url), each text with the number that waits."""
    counts: dict[str, int] = dict(tab_counts(viewer))
    counts["trends"] = trends_count(viewer)
    own = reverse("moderation:queue")
    tabs: list[tuple[str, str, str]] = [
        (Tab.WAITING, _("Waiting"), f"{own}?tab={Tab.WAITING}"),
        (Tab.REPORTS, _("Reports"), f"{own}?tab={Tab.REPORTS}"),
        (Tab.NEW, _("New"), f"{own}?tab={Tab.NEW}"),
        ("trends", _("Trends"), reverse("moderation:trends")),
        (Tab.DECIDED, _("Decided"), f"{own}?tab={Tab.DECIDED}"),
    ]
    if shows_signup_queue():
        counts["signups"] = signups_count(viewer)
        tabs.insert(3, ("signups", _("Sign-up requests"), reverse("moderation:signups")))
    return [(key, f"{text} {counts[key]}" if counts.get(key) else text, url) for key, text, url in tabs]
