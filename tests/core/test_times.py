"""Times in templates: labelled as UTC, with an element that the script converts to the reader’s time zone."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.template import Context, Template
from django.utils import translation

from core.times import day_in_utc, in_utc, short_ago
from tests.sources import APPS, ROOT

MOMENT = datetime(2026, 3, 3, 23, 5, 9, 123, tzinfo=UTC)
SAME = MOMENT.astimezone(timezone(timedelta(hours=5)))


def drawn(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize("moment", [MOMENT, SAME])
def test_times_without_a_time_zone_are_in_utc(moment: datetime) -> None:
    assert in_utc(moment) == "3 March 2026, 23:05 UTC"
    assert day_in_utc(moment) == "3 March 2026 UTC"
    with translation.override("de"):
        assert in_utc(moment) == "3. März 2026 23:05 UTC"


def test_every_time_is_an_element_for_the_script() -> None:
    assert drawn("{{ m|at }}", m=MOMENT) == (
        '<time datetime="2026-03-03T23:05:09+00:00" data-time="at">3 March 2026, 23:05 UTC</time>'
    )
    assert drawn("{{ m|on }}", m=MOMENT).endswith('data-time="on">3 March 2026 UTC</time>')
    assert drawn("{{ m|month }}", m=MOMENT).endswith('data-time="month">March 2026</time>')
    ago = drawn("{{ m|ago }}", m=MOMENT)
    assert 'title="3 March 2026, 23:05 UTC" data-time="ago">' in ago
    assert drawn("{% include 'components/time.html' with at=m %}", m=MOMENT).strip() == ago
    assert drawn(
        "{% blocktranslate with day=m|on %}On {{ day }}{% endblocktranslate %}", m=MOMENT
    ).startswith("On <time ")


@pytest.mark.parametrize("shape", ["at", "on", "month", "ago", "in_utc", "day_in_utc", "short_ago"])
def test_a_missing_time_is_empty(shape: str) -> None:
    assert drawn(f"{{{{ m|{shape} }}}}", m=None) == ""
    assert short_ago(None) == ""


def test_templates_format_times_with_these_filters_only() -> None:
    """Exceptions: an email that says UTC, the cards of posts, which are rendered too often for more than `iso`, and how
    long a poll still runs.
    """
    formats = re.compile(r"\|(date|time|naturaltime|timesince|timeuntil|naturalday)\b|<time")
    found = {
        str(path.relative_to(ROOT))
        for app in (".", *APPS)
        for path in (ROOT / app / "templates").rglob("*.*")
        if formats.search(path.read_text(encoding="utf-8"))
    }
    assert found == {
        "accounts/templates/accounts/email/goodbye_message.txt",
        "posts/templates/posts/_poll_foot.html",
        "posts/templates/posts/_post.html",
        "posts/templates/posts/_quoted.html",
        "templates/style.html",
    }
    assert "(UTC)" in (ROOT / "accounts/templates/accounts/email/goodbye_message.txt").read_text(
        encoding="utf-8"
    )
