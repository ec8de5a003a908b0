from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Forbidden, Invalid, NotFound, TooMany
from core.text import clean, length
from moderation.actions.cases import put_before_person
from moderation.actions.reviews import request_review_of_reported
from moderation.models import WORDS_MAX, Case, Report
from moderation.queries import reportable_post, rules_to_report
from moderation.severity import severity_of
from posts.actions import lock_post
from posts.models import Post

REPORTS_AN_HOUR = 30


def report_post(*, post: Post, by: Member, rule: str, words: str = "") -> bool:
    """Put the post before a person. False when a report by the same member waits already.

    Raises Invalid, Forbidden for one's own post, NotFound for what `by` cannot see.
    """
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    words = clean(words)
    if rule not in [known["id"] for known in rules_to_report()]:
        raise Invalid(_("Choose which rule it breaks."), fields={"rule": [_("Choose one of these.")]})
    if rule == "other" and not words:
        raise Invalid(
            _("Tell us what’s wrong with it."),
            fields={"words": [_("Tell us in your own words what’s wrong.")]},
        )
    if length(words) > WORDS_MAX:
        raise Invalid(
            _("Your comment can have up to %(most)s characters.") % {"most": WORDS_MAX},
            fields={
                "words": [
                    _("At most %(most)s characters. This has %(has)s.")
                    % {"most": WORDS_MAX, "has": length(words)}
                ]
            },
        )
    with transaction.atomic():
        locked = lock_post(post.id)
        if locked is None:
            raise NotFound
        reportable_post(post.id, by)
        lately = Report.objects.filter(reporter=by, created_at__gte=timezone.now() - timedelta(hours=1))
        if lately.count() >= REPORTS_AN_HOUR:
            raise TooMany(
                _("You’ve sent many reports lately. Moderators will get to them."), retry_after=3600
            )
        # The constraint decides, so that of two at once one is made.
        _report, new = Report.objects.get_or_create(
            post=locked, reporter=by, decided_at=None, defaults={"rule": rule, "words": words}
        )
        if not new:
            return False
        put_before_person(
            locked, why=Case.Why.REPORTED, severity=severity_of(rule, suspected=True), reported=True
        )
        request_review_of_reported(post=locked)
    return True
