"""The counters of moderation (config/counters.py)."""

from core.counters import Counter
from moderation.models import Case, Report

COUNTERS = [
    # A case that is closed keeps the number it was decided on.
    Counter(Case, "reports_count", Report.objects.open, by="post", to="post", among=Case.objects.open),
]
