"""What the evidence about a post adds up to. Pure functions: evidence in, an outcome out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from django.conf import settings
from django.utils.translation import gettext_noop as _

from core.translatable import Translatable, dump_translatable, translatable
from moderation.gateway import ReviewVerdict
from moderation.models import (
    CATEGORY_IN_SENTENCE,
    CLASSIFIER,
    REASON_FOR_AUTHOR_MAX,
    RULES,
    Case,
    Category,
    Review,
)
from moderation.queries import Trust
from moderation.rules import Finding
from moderation.severity import severity_of
from moderation.spam import REVIEW_THRESHOLD, SpamRisk


class Effect(Enum):
    """What happens to the post."""

    PUBLISH = "publish"
    HOLD = "hold"
    WAIT = "wait"
    """A new post stays hidden until a moderator decides; a published one is held."""
    KEEP = "keep"
    """Nothing changes."""


@dataclass(frozen=True)
class ReviewOutcome:
    """What a review decides about a post. `case_reason` is set if a moderator must look at it, with a severity.

    `reason` is a translatable sentence, the model's own words, or the codes of spam signals.
    """

    effect: Effect
    state: Review.State
    decided_by: str
    safe: bool | None = None
    category: str = Category.NONE
    confidence: float | None = None
    reason: Translatable | str = ""
    case_reason: Case.Reason | None = None
    severity: int = 0

    @property
    def reason_for_author(self) -> str:
        """What the author of a held post reads: what was found, by whom, and that a moderator decides."""
        held = (
            _("A word rule of this community held this as %(category)s.")
            if self.decided_by == RULES
            else _("Automatic review (Claude) held this as %(category)s.")
        )
        parts: list[Translatable | str] = [
            translatable(held, category=translatable(CATEGORY_IN_SENTENCE[self.category])),
            self.reason,
            translatable(_("A moderator will decide.")),
        ]
        return dump_translatable(*(part for part in parts if part), most=REASON_FOR_AUTHOR_MAX)


@dataclass(frozen=True)
class Evidence:
    """What is known about a post when its review ends.

    `broken_rules` has those that hold a post first. `fault` says why a model that was asked gave no verdict.
    """

    trust: Trust
    broken_rules: Sequence[Finding]
    verdict: ReviewVerdict | None
    fault: str
    risk: SpamRisk

    @property
    def worst_rule(self) -> Finding | None:
        return self.broken_rules[0] if self.broken_rules else None

    @property
    def is_established(self) -> bool:
        return self.trust is Trust.ESTABLISHED

    @property
    def effect_when_unsure(self) -> Effect:
        """Others see the post of an established member meanwhile; any other post waits."""
        return Effect.PUBLISH if self.is_established else Effect.WAIT


def review_outcome(evidence: Evidence, *, for_report: bool = False) -> ReviewOutcome:
    """Decide about a post.

    `for_report`: others can see the post, and a report has called a moderator already. Then only a confident finding
    holds it, and nothing else changes anything.
    """
    outcome = _outcome(evidence)
    if for_report and outcome.effect is not Effect.HOLD:
        return replace(outcome, effect=Effect.KEEP, case_reason=None)
    return outcome


def _outcome(evidence: Evidence) -> ReviewOutcome:
    if evidence.worst_rule is not None and evidence.worst_rule.holds:
        return _held_by_rule(evidence.worst_rule)
    if evidence.verdict is not None:
        return _by_model(evidence, evidence.verdict)
    if evidence.worst_rule is not None:
        return _flagged_by_rule(evidence, evidence.worst_rule)
    return _by_classifier(evidence)


def _held_by_rule(rule: Finding) -> ReviewOutcome:
    return ReviewOutcome(
        Effect.HOLD,
        Review.State.NEEDS_PERSON,
        RULES,
        safe=False,
        category=rule.category,
        reason=rule.reason,
        case_reason=Case.Reason.HELD,
        severity=severity_of(rule.category),
    )


def _flagged_by_rule(evidence: Evidence, rule: Finding) -> ReviewOutcome:
    return ReviewOutcome(
        evidence.effect_when_unsure,
        Review.State.FAILED if evidence.fault else Review.State.NEEDS_PERSON,
        RULES,
        category=rule.category,
        reason=rule.reason,
        case_reason=Case.Reason.FLAGGED,
        severity=severity_of(rule.category, suspected=True),
    )


def _by_model(evidence: Evidence, verdict: ReviewVerdict) -> ReviewOutcome:
    rule = evidence.worst_rule
    outcome = ReviewOutcome(
        Effect.PUBLISH,
        Review.State.DONE,
        f"claude:{verdict.model}",
        safe=verdict.safe,
        category=verdict.category,
        confidence=verdict.confidence,
        reason=verdict.reason,
    )
    confident = verdict.confidence >= settings.REVIEW_CONFIDENCE
    if confident and verdict.safe and rule is None:
        return outcome
    if confident and not verdict.safe:
        effect, case_reason, severity = Effect.HOLD, Case.Reason.HELD, severity_of(verdict.category)
    else:
        effect = evidence.effect_when_unsure
        case_reason = Case.Reason.FLAGGED if rule else Case.Reason.UNSURE
        severity = severity_of(rule.category if rule else verdict.category, suspected=True)
    return replace(
        outcome,
        effect=effect,
        state=Review.State.NEEDS_PERSON,
        case_reason=case_reason,
        severity=severity,
    )


def _by_classifier(evidence: Evidence) -> ReviewOutcome:
    """Decide by the signals of spam alone: the model wasn't asked, or didn't answer (`fault`)."""
    risk = evidence.risk
    outcome = ReviewOutcome(
        evidence.effect_when_unsure,
        Review.State.NEEDS_PERSON,
        CLASSIFIER,
        category=Category.SPAM if risk.score else Category.NONE,
        reason=" ".join(risk.signals),
    )
    if evidence.fault:
        return replace(
            outcome,
            state=Review.State.FAILED,
            case_reason=Case.Reason.FAILED,
            severity=severity_of(Category.SPAM if risk.score else "", suspected=True),
        )
    if evidence.is_established and risk.score < REVIEW_THRESHOLD:
        return replace(outcome, state=Review.State.DONE)
    if evidence.is_established or risk.score:
        return replace(
            outcome,
            case_reason=Case.Reason.UNSURE,
            severity=severity_of(Category.SPAM, suspected=True),
        )
    # A first post without any signal: others see it, and so does a moderator.
    return replace(outcome, effect=Effect.PUBLISH, case_reason=Case.Reason.NEW_MEMBER)
