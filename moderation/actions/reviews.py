"""Automatic review: what becomes of a wording, and who must look at it.

A model, a rule and the local classifier can keep a post from others and call a person. They never do what cannot be
undone. Whatever fails, a new or untrusted member's post waits for a person: no error makes anything safe.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from core import leases
from core.events import emit
from core.leases import LEASE
from core.sentences import Sentence, kept, sentence
from core.text import hashtags, mentions
from moderation import gateway, local
from moderation.actions.cases import close_case, open_case_of, put_before_person, severity_of
from moderation.events import PostDecided, ReviewDecided
from moderation.gateway import NoVerdict, Verdict
from moderation.local import Facts, Risk
from moderation.models import (
    CATEGORY_IN_SENTENCE,
    CLASSIFIER,
    FAULT_MAX,
    REASON_FOR_AUTHOR_MAX,
    REVIEW_REASON_MAX,
    RULES,
    Case,
    Category,
    Decision,
    Review,
    WordRule,
    fingerprint,
)
from moderation.queries import Trust, same_text_lately, trust_of
from posts.actions import hold_post, lock_post, publish_post
from posts.models import Post

FIRST_BACK_OFF = 5

WAITS_FOR_PERSON = _("A moderator will look at the new wording before others see it.")


class End(Enum):
    PUBLISH = "publish"
    HOLD = "hold"
    WAIT = "wait"


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
    why: Case.Why | None = None
    severity: int = 0


def request_review(*, post_id: int) -> Review | None:
    """A review of the post as it reads now, in place of older ones that wait. None when nothing is left to judge."""
    with transaction.atomic():
        post = lock_post(post_id)
        if post is None or post.state in (Post.State.DELETED, Post.State.REMOVED):
            return None
        Review.objects.waiting().filter(post=post).update(
            state=Review.State.REPLACED, decided_at=timezone.now()
        )
        return Review.objects.create(post=post, text_hash=fingerprint(post.text))


def decide_review(*, review_id: int) -> None:
    """Make one attempt at a review that is due, and act on what it finds.

    Safe to call at any time from any number of processes: the claim lets one of them through. The model is asked
    outside any transaction; what it says is applied only to the wording that it saw.
    """
    review = _claim(review_id)
    if review is None:
        return
    post = review.post
    if fingerprint(post.text) != review.text_hash:
        # The edit's own review is there or on its way.
        Review.objects.waiting().filter(pk=review.pk).update(
            state=Review.State.REPLACED, decided_at=timezone.now()
        )
        return
    broken = local.broken_rules(post.text, WordRule.objects.filter(active=True))
    verdict, fault = None, ""
    if gateway.is_configured() and not (broken and broken[0].action == WordRule.Action.HOLD):
        if review.attempts > settings.REVIEW_ATTEMPTS:
            fault = review.fault or kept(sentence(_("Every attempt was cut off.")), most=FAULT_MAX)
        else:
            try:
                with leases.kept(lambda: _renew(review)):
                    verdict = gateway.judge(post.text, context=_context(post))
            except NoVerdict as why:
                fault = why.kept
                if why.again and _put_off(review, fault):
                    return
    _apply(review, broken=broken, verdict=verdict, fault=fault)


def rule_on(
    *,
    trust: Trust,
    broken: list[WordRule],
    verdict: Verdict | None,
    fault: str,
    risk: Risk,
) -> Ruling:
    """What the findings add up to. `fault` says why a model that was asked gave no verdict."""
    established = trust is Trust.ESTABLISHED
    worst = broken[0] if broken else None
    if worst is not None and worst.action == WordRule.Action.HOLD:
        return Ruling(
            End.HOLD,
            Review.State.NEEDS_PERSON,
            RULES,
            safe=False,
            category=worst.category,
            reason=_contains(worst),
            why=Case.Why.HELD,
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
                why=Case.Why.HELD,
                severity=severity_of(verdict.category),
                **found,
            )
        if sure and worst is None:
            return Ruling(End.PUBLISH, Review.State.DONE, **found)
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.NEEDS_PERSON,
            why=Case.Why.FLAGGED if worst else Case.Why.UNSURE,
            severity=severity_of(worst.category if worst else verdict.category, suspected=True),
            **found,
        )
    if worst is not None:
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.FAILED if fault else Review.State.NEEDS_PERSON,
            RULES,
            category=worst.category,
            reason=_contains(worst),
            why=Case.Why.FLAGGED,
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
            why=Case.Why.FAILED,
            severity=severity_of(Category.SPAM if risk.score else "", suspected=True),
            **guess,
        )
    if established and risk.score < local.LOOK_AT:
        return Ruling(End.PUBLISH, Review.State.DONE, **guess)
    if established or risk.score:
        return Ruling(
            End.PUBLISH if established else End.WAIT,
            Review.State.NEEDS_PERSON,
            why=Case.Why.UNSURE,
            severity=severity_of(Category.SPAM, suspected=True),
            **guess,
        )
    # Nothing speaks against it, and nobody knows the author yet: others see it, and a person gets to see it too.
    return Ruling(End.PUBLISH, Review.State.NEEDS_PERSON, why=Case.Why.NEW_MEMBER, **guess)


def _claim(review_id: int) -> Review | None:
    """Take the review for one attempt; None when it is not due, or another process has it."""
    now = timezone.now()
    taken = (
        Review.objects.due(now).filter(pk=review_id).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    )
    if not taken:
        return None
    return Review.objects.select_related("post__author").filter(pk=review_id).first()


def _renew(review: Review) -> None:
    Review.objects.waiting().filter(pk=review.pk).update(due_at=timezone.now() + LEASE)


def _put_off(review: Review, fault: str) -> bool:
    """Try again later. False when the attempts or the time that the operator allows are used up."""
    now = timezone.now()
    deadline = review.created_at + timedelta(seconds=settings.REVIEW_TIME_LIMIT)
    if review.attempts >= settings.REVIEW_ATTEMPTS or now >= deadline:
        return False
    due_at = min(now + timedelta(seconds=FIRST_BACK_OFF * 2 ** (review.attempts - 1)), deadline)
    Review.objects.waiting().filter(pk=review.pk).update(due_at=due_at, fault=fault)
    return True


def _context(post: Post) -> dict[str, Any]:
    """What the model is told beside the text: facts, and nobody's name."""
    return {
        "author_is_new": post.author.is_new,
        "earlier_posts_by_author": post.author.posts_count,
        "same_text_within_a_day": same_text_lately(post),
        "is_reply": post.is_reply,
        "mentions": len(mentions(post.text)),
        "hashtags": len(hashtags(post.text)),
    }


def _apply(review: Review, *, broken: list[WordRule], verdict: Verdict | None, fault: str) -> None:
    with transaction.atomic():
        # The post before the review, as everywhere: two of them never wait for each other crosswise.
        post = lock_post(review.post_id)
        current = Review.objects.waiting().filter(pk=review.pk).first()
        if current is None:
            return
        current.decided_at = timezone.now()
        if (
            post is None
            or post.state in (Post.State.DELETED, Post.State.REMOVED)
            or fingerprint(post.text) != current.text_hash
        ):
            current.state = Review.State.REPLACED
            current.save(update_fields=["state", "decided_at"])
            return
        trust = trust_of(post.author)
        facts = Facts(
            earlier_posts=post.author.posts_count,
            same_text_lately=same_text_lately(post),
        )
        ruling = rule_on(
            trust=trust, broken=broken, verdict=verdict, fault=fault, risk=local.risk_of(post.text, facts)
        )
        current.state = ruling.state
        current.safe, current.category, current.confidence = ruling.safe, ruling.category, ruling.confidence
        current.reason = (
            ruling.reason if isinstance(ruling.reason, str) else kept(ruling.reason, most=REVIEW_REASON_MAX)
        )
        current.decided_by, current.fault = ruling.decided_by, fault
        current.save()
        _carry_out(post, ruling, trust)
        emit(
            ReviewDecided(
                review_id=current.id,
                post_id=post.id,
                author_id=post.author_id,
                safe=ruling.safe,
                needs_person=ruling.why is not None,
            )
        )


def _carry_out(post: Post, ruling: Ruling, trust: Trust) -> None:
    case = open_case_of(post)
    end = ruling.end
    if (
        end is End.PUBLISH
        and case is not None
        and case.why == Case.Why.HELD
        and trust is not Trust.ESTABLISHED
    ):
        # Held once and written anew: for those not known here, the person who was called decides.
        end = End.WAIT
    if end is End.PUBLISH:
        publish_post(post=post)
        if case is not None and ruling.why is None and not case.reports_count and case.why != Case.Why.HELD:
            # It was about a wording that is gone.
            close_case(post)
    elif end is End.HOLD:
        reason = _reason_for_author(ruling)
        if hold_post(post=post, reason=reason):
            decision = Decision.objects.create(
                decided_by=ruling.decided_by,
                act=Decision.Act.HOLD,
                post=post,
                author_id=post.author_id,
                rule=ruling.category,
                reason=reason,
                words=post.text,
            )
            emit(
                PostDecided(
                    decision_id=decision.id, post_id=post.id, author_id=post.author_id, act=Decision.Act.HOLD
                )
            )
    elif post.is_published:
        hold_post(post=post, reason=kept(sentence(WAITS_FOR_PERSON), most=REASON_FOR_AUTHOR_MAX))
    if ruling.why is not None:
        put_before_person(post, why=ruling.why, severity=ruling.severity)


def _contains(rule: WordRule) -> Sentence:
    return sentence(_("It contains “%(words)s”."), words=rule.pattern)


def _reason_for_author(ruling: Ruling) -> str:
    """What the author reads: what was seen, by whom, and who decides."""
    held = (
        _("A word rule of this community held this as %(category)s.")
        if ruling.decided_by == RULES
        else _("Automatic review (Claude) held this as %(category)s.")
    )
    parts: list[Sentence | str] = [
        sentence(held, category=sentence(CATEGORY_IN_SENTENCE[ruling.category])),
        ruling.reason,
        sentence(_("A moderator decides.")),
    ]
    return kept(*(part for part in parts if part), most=REASON_FOR_AUTHOR_MAX)
