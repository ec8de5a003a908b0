from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Forbidden, Invalid, NotFound, TooMany
from core.text import clean, length
from moderation.actions.cases import escalate
from moderation.actions.reviews import request_review_of_reported
from moderation.models import COMMENT_MAX, Case, Report
from moderation.queries import report_rules, reportable_post
from moderation.severity import severity_of
from posts.actions import lock_post
from posts.models import Post

REPORTS_AN_HOUR = 30


def report_post(*, post: Post, by: Member, rule: str, comment: str = "") -> bool:
    """Report a post to the moderators. Return False if the member has an open report on it already.

    Raise Invalid, Forbidden for the member's own post, NotFound for a post that `by` can't see.
    """
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    comment = clean(comment)
    if rule not in [known["id"] for known in report_rules()]:
        raise Invalid(_("Choose which rule it breaks."), fields={"rule": [_("Choose one of these.")]})
    if rule == "other" and not comment:
        raise Invalid(
            _("Tell us what’s wrong with it."),
            fields={"words": [_("Tell us in your own words what’s wrong.")]},
        )
    if length(comment) > COMMENT_MAX:
        raise Invalid(
            _("Your comment can have up to %(most)s characters.") % {"most": COMMENT_MAX},
            fields={
                "words": [
                    _("At most %(most)s characters. This has %(has)s.")
                    % {"most": COMMENT_MAX, "has": length(comment)}
                ]
            },
        )
    with transaction.atomic():
        locked = lock_post(post.id)
        if locked is None:
            raise NotFound
        reportable_post(post.id, by)
        recent = Report.objects.filter(reporter=by, created_at__gte=timezone.now() - timedelta(hours=1))
        if recent.count() >= REPORTS_AN_HOUR:
            raise TooMany(
                _("You’ve sent many reports lately. Moderators will get to them."), retry_after=3600
            )
        # The constraint decides, so that of two concurrent reports one is created.
        _report, new = Report.objects.get_or_create(
            post=locked, reporter=by, decided_at=None, defaults={"rule": rule, "comment": comment}
        )
        if not new:
            return False
        escalate(
            locked, reason=Case.Reason.REPORTED, severity=severity_of(rule, suspected=True), reported=True
        )
        request_review_of_reported(post=locked)
    return True
