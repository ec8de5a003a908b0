"""Decisions of moderators about posts."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.models import Member
from core.events import emit
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.text import clean_line, length
from core.translatable import dump_translatable, translatable
from moderation.actions.cases import close_case, decider_label, open_case_of, reopen_case
from moderation.events import PostDecided, ReportDecided, ReportReopened
from moderation.models import REASON_FOR_AUTHOR_MAX, REASON_MAX, Case, Decision, Report, Review, rule_title
from moderation.queries import moderators_only, possible_acts, report_rules, seen_version
from posts.actions import lock_post, publish_post, remove_post, restore_post
from posts.models import Post

_BY_PEOPLE = (
    Decision.Act.PUBLISH,
    Decision.Act.DISMISS,
    Decision.Act.REMOVE,
    Decision.Act.RESTORE,
    Decision.Act.REOPEN,
)
_OUTCOME = {
    Decision.Act.REMOVE: Report.Outcome.UPHELD,
    Decision.Act.DISMISS: Report.Outcome.DISMISSED,
    Decision.Act.PUBLISH: Report.Outcome.DISMISSED,
    Decision.Act.RESTORE: Report.Outcome.DISMISSED,
}
_STATE_IN_SENTENCE: dict[str, Promise] = {
    Post.State.PENDING: gettext_lazy("waiting for review"),
    Post.State.PUBLISHED: gettext_lazy("published"),
    Post.State.HELD: gettext_lazy("held by review"),
    Post.State.REMOVED: gettext_lazy("removed by a moderator"),
}


def decide_post(
    *, post_id: int, by: Member, act: str, reason: str = "", rule: str = "", seen: str | None = None
) -> Decision:
    """Publish, dismiss (take no action), remove or restore a post, and close its case; or reopen a dismissed case, with
    the reports that the decision had answered.

    `seen` is what the moderator saw (queries.seen_version): raise Conflict if another moderator has decided since, or
    the author has edited the post. Removing needs a reason, which the author reads. Raise NotFound for everyone but
    moderators.
    """
    moderators_only(by)
    reason = clean_line(reason)
    _validate(act, rule, reason)
    with transaction.atomic():
        post = _post_to_decide(post_id, by)
        case = open_case_of(post)
        last = Decision.objects.of_posts().filter(post=post).order_by("-id").first()
        _check_unchanged(post, case, last, act, seen)
        _change_post(post, act, rule, reason)
        decision = Decision.objects.create(
            by=by,
            decided_by=decider_label(by),
            act=act,
            post=post,
            author_id=post.author_id,
            rule=rule,
            reason=reason,
            post_text=post.words,
        )
        if act == Decision.Act.REOPEN:
            _reopen_reports(post, last)
            reopen_case(post)
        else:
            _close(post, decision)
        emit(PostDecided(decision_id=decision.id, post_id=post.id, author_id=post.author_id, act=act))
    return decision


def _validate(act: str, rule: str, reason: str) -> None:
    """Raise Invalid for input that would be wrong for any post."""
    if act not in _BY_PEOPLE:
        raise Invalid(_("Choose what to do with the post."))
    if rule and rule not in [known["id"] for known in report_rules()]:
        raise Invalid(_("That rule doesn’t exist."), fields={"rule": [_("Choose one of these.")]})
    if act == Decision.Act.REMOVE and not reason:
        needed = _("Give a reason. The author will see it.")
        raise Invalid(needed, fields={"reason": [needed]})
    if length(reason) > REASON_MAX:
        raise Invalid(
            _("A reason can have up to %(most)s characters.") % {"most": REASON_MAX},
            fields={
                "reason": [
                    _("At most %(most)s characters. This has %(has)s.")
                    % {"most": REASON_MAX, "has": length(reason)}
                ]
            },
        )


def _post_to_decide(post_id: int, by: Member) -> Post:
    """Lock and return the post. Raise NotFound, Conflict if it is deleted, Forbidden for the moderator's own."""
    post = lock_post(post_id)
    if post is None:
        raise NotFound
    if post.state == Post.State.DELETED:
        raise Conflict(_("The author has deleted this post."))
    if post.author_id == by.id:
        raise Forbidden(_("You can’t decide about your own post."))
    return post


def _change_post(post: Post, act: str, rule: str, reason: str) -> None:
    match act:
        case Decision.Act.PUBLISH:
            publish_post(post=post)
        case Decision.Act.RESTORE:
            restore_post(post=post)
        case Decision.Act.REMOVE:
            remove_post(post=post, reason=_reason_for_author(rule, reason))


def _close(post: Post, decision: Decision) -> None:
    """Close the post's case, its reports and its waiting reviews."""
    # No later verdict undoes what a moderator decided about this version.
    Review.objects.waiting().filter(post=post).update(state=Review.State.REPLACED, decided_at=timezone.now())
    close_case(post)
    answered = Report.objects.open().filter(post=post)
    if decision.act == Decision.Act.RESTORE:
        # Members who were notified of the removal are notified that the post was restored.
        answered |= Report.objects.filter(post=post, outcome=Report.Outcome.UPHELD)
    _close_reports(answered, _OUTCOME[Decision.Act(decision.act)], decision)


def close_case_of_deleted_post(*, post_id: int) -> None:
    """Close the case, reports and reviews of a post that its author deleted."""
    with transaction.atomic():
        post = lock_post(post_id)
        if post is None or post.state != Post.State.DELETED:
            return
        Review.objects.waiting().filter(post=post).update(
            state=Review.State.REPLACED, decided_at=timezone.now()
        )
        close_case(post)
        _close_reports(Report.objects.open().filter(post=post), Report.Outcome.GONE)


def _check_unchanged(
    post: Post, case: Case | None, last: Decision | None, act: str, seen: str | None
) -> None:
    if seen is not None and seen != seen_version(post, last.id if last else None):
        if last is not None and seen.split(".")[1:2] != [str(last.id)]:
            raise Conflict(
                _("%(who)s has already decided about this post: %(act)s. Review it again first.")
                % {"who": last.by_name, "act": last.get_act_display().lower()}
            )
        raise Conflict(_("The author has edited this post since you opened it. Review it again first."))
    if act not in possible_acts(post, has_case=case is not None, last=last):
        raise Conflict(
            _("This has changed since you opened it. The post is now %(state)s.")
            % {"state": _STATE_IN_SENTENCE[post.state]}
        )


def _reason_for_author(rule: str, reason: str) -> str:
    """Return what the author reads: the rule in their language, and the reason in the moderator's words."""
    if not rule or rule == "other":
        return reason
    with translation.override(None):
        title = rule_title(rule)
    return dump_translatable(
        translatable(gettext_noop("%(rule)s:"), rule=translatable(title)), reason, most=REASON_FOR_AUTHOR_MAX
    )


def _close_reports(
    reports: "QuerySet[Report]", outcome: Report.Outcome, decision: Decision | None = None
) -> None:
    for report in reports:
        report.outcome, report.decided_at, report.decision = outcome, timezone.now(), decision
        report.save(update_fields=["outcome", "decided_at", "decision"])
        emit(
            ReportDecided(
                report_id=report.id, post_id=report.post_id, reporter_id=report.reporter_id, outcome=outcome
            )
        )


def _reopen_reports(post: Post, decision: Decision | None) -> None:
    """Reopen the reports that the decision had answered, except those of members who have reported the post again."""
    again = Report.objects.open().filter(post=post).values("reporter")
    answered = Report.objects.filter(post=post, decision=decision).exclude(decision=None)
    for report in answered.exclude(reporter__in=again):
        report.outcome, report.decided_at, report.decision = "", None, None
        report.save(update_fields=["outcome", "decided_at", "decision"])
        emit(ReportReopened(report_id=report.id, post_id=post.id, reporter_id=report.reporter_id))
