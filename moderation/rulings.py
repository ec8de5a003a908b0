"""What the findings about a post add up to. No input or output: findings in, a ruling out."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from core.sentences import Sentence, kept, sentence
from moderation import local
from moderation.gateway import ReviewVerdict
from moderation.local import Risk
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


class End(Enum):
    PUBLISH = "publish"
    HOLD = "hold"
    WAIT = "wait"
    KEEP = "keep"
    """Nothing changes."""


@dataclass(frozen=True)
class Ruling:
    """What becomes of the post; `why` when a person must look, with how urgently.

    `reason` is a sentence of ours, the model's own words, or the signs that moderation.local has seen.
    """

    end: End
    state: Review.State
    decided_by: str
    safe: bool | None = None
    category: str = Category.NONE
    confidence: float | None = None
    reason: Sentence | str = ""
    case_reason: Case.Reason | None = None
    severity: int = 0

    @property
    def reason_for_author(self) -> str:
        """What the author of a held post reads: what was seen, by whom, and who decides."""
        held = (
            _("A word rule of this community held this as %(category)s.")
            if self.decided_by == RULES
            else _("Automatic review (Claude) held this as %(category)s.")
        )
        parts: list[Sentence | str] = [
            sentence(held, category=sentence(CATEGORY_IN_SENTENCE[self.category])),
            self.reason,
            sentence(_("A moderator will decide.")),
        ]
        return kept(*(part for part in parts if part), most=REASON_FOR_AUTHOR_MAX)


def rule_on(
    *,
    trust: Trust,
    broken: list[Finding],
    verdict: ReviewVerdict | None,
    fault: str,
    risk: Risk,
    for_report: bool = False,
) -> Ruling:
    """`fault` says why a model that was asked gave no verdict.

    `for_report`: others see the post, and a moderator has been called already. Then a sure finding holds it, and
    nothing else changes anything.
    """
    ruling = _rule_on(trust, broken, verdict, fault, risk)
    if for_report and ruling.end is not End.HOLD:
        return replace(ruling, end=End.KEEP, case_reason=None)
    return ruling


def _rule_on(
    trust: Trust, broken: list[Finding], verdict: ReviewVerdict | None, fault: str, risk: Risk
) -> Ruling:
    established = trust is Trust.ESTABLISHED
    worst = broken[0] if broken else None
    if worst is not None and worst.holds:
        return Ruling(
            End.HOLD,
            Review.State.NEEDS_PERSON,
            RULES,
            safe=False,
            category=worst.category,
            reason=worst.reason,
            case_reason=Case.Reason.HELD,
            severity=severity_of(worst.category),
        )
    if verdict is not None:
        found: dict[str, Any] = {
            "decided_by": f"claude:{verdict.model}",
            "safe": verdict.safe,
            "category": verdict.category,
            "confidence": verdict.confidence,
            "reason": verdict.reason,
        }
        sure = verdict.confidence >= settings.REVIEW_CONFIDENCE
        if sure and not verdict.safe:
            return Ruling(
                End.HOLD,
                Review.State.NEEDS_PERSON,
                case_reason=Case.Reason.HELD,
                severity=severity_of(verdict.category),
                **found,
            )
        if sure and worst is None:
            return Ruling(End.PUBLISH, Review.State.DONE, **found)
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.NEEDS_PERSON,
            case_reason=Case.Reason.FLAGGED if worst else Case.Reason.UNSURE,
            severity=severity_of(worst.category if worst else verdict.category, suspected=True),
            **found,
        )
    if worst is not None:
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.FAILED if fault else Review.State.NEEDS_PERSON,
            RULES,
            category=worst.category,
            reason=worst.reason,
            case_reason=Case.Reason.FLAGGED,
            severity=severity_of(worst.category, suspected=True),
        )
    guess: dict[str, Any] = {
        "decided_by": CLASSIFIER,
        "category": Category.SPAM if risk.score else Category.NONE,
        "reason": " ".join(risk.signs),
    }
    if fault:
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.FAILED,
            case_reason=Case.Reason.FAILED,
            severity=severity_of(Category.SPAM if risk.score else "", suspected=True),
            **guess,
        )
    if established and risk.score < local.LOOK_AT:
        return Ruling(End.PUBLISH, Review.State.DONE, **guess)
    if established or risk.score:
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.NEEDS_PERSON,
            case_reason=Case.Reason.UNSURE,
            severity=severity_of(Category.SPAM, suspected=True),
            **guess,
        )
    # Nothing speaks against it, and nobody knows the author yet: others see it, and a person gets to see it too.
    return Ruling(End.PUBLISH, Review.State.NEEDS_PERSON, case_reason=Case.Reason.NEW_MEMBER, **guess)
