from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from moderation.queries import Tab, signups_count, signups_matter, tab_counts, trends_count


def tabs_of(viewer: Member) -> list[tuple[str, str, str]]:
    """Each with how much waits there."""
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
    if signups_matter():
        counts["signups"] = signups_count(viewer)
        tabs.insert(3, ("signups", _("Sign-up requests"), reverse("moderation:signups")))
    return [(key, f"{text} {counts[key]}" if counts.get(key) else text, url) for key, text, url in tabs]
