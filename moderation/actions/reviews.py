"""Automatic review: what happens to a version of a post, and whether a moderator must look at it.

The model, the rules and the spam classifier can hide a post and call a moderator; they never do what can't be undone.
If anything fails, the post of a new or untrusted member waits for a moderator: no error makes a post safe.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from core import leases
from core.events import emit
from core.jobs import enqueue
from core.leases import LEASE
from core.translatable import dump_translatable, translatable
from moderation import gateway
from moderation.actions.cases import close_case, escalate, open_case_of
from moderation.events import PostDecided
from moderation.gateway import NoVerdict, ReviewVerdict
from moderation.models import (
    FAULT_MAX,
    REASON_FOR_AUTHOR_MAX,
    REVIEW_REASON_MAX,
    Case,
    Decision,
    Review,
    fingerprint,
)
from moderation.outcomes import Effect, Evidence, ReviewOutcome, review_outcome
from moderation.queries import (
    Trust,
    active_word_rules,
    built_in_settings,
    recent_duplicates,
    trust_of,
)
from moderation.rules import Finding, findings
from moderation.spam import AuthorHistory, spam_risk
from posts.actions import hold_post, lock_post, publish_post
from posts.models import FOR_EVERYONE, Post

log = logging.getLogger("kith.moderation")

BATCH_DELAY = 0.2
"""Seconds that a post waits for others, to be sent to the model in one request."""
BATCH_SIZE = 8
"""Posts in one request to the model."""
LEASE_MARGIN = timedelta(seconds=1)
"""Added to the time the model may take: after that, the attempt counts as dead."""
BACKOFF = 5
"""Seconds until the second attempt; doubled for each one after."""

NEW_VERSION_HELD = _("A moderator will review the new version before others see it.")


def request_review(*, post_id: int) -> Review | None:
    """Request a review of the post as it is now, replacing waiting ones. Return None if there is nothing to review."""
    with transaction.atomic():
        post = lock_post(post_id)
        if post is None or post.state in (Post.State.DELETED, Post.State.REMOVED):
            return None
        _replace_waiting(post)
        return Review.objects.create(post=post, text_hash=fingerprint(post.words))


def request_review_of_reported(*, post: Post) -> None:
    """Request a review of a reported, locked post that neither the model nor a moderator has judged as it is now.

    A post for followers only may be sent to the model once it is reported. Do nothing without an API key.
    """
    if gateway.is_configured() and post.is_published and not _has_been_judged(post):
        review = Review.objects.create(post=post, text_hash=fingerprint(post.words), for_report=True)
        enqueue("moderation.tasks.run_review", review.pk, countdown=BATCH_DELAY)


def request_reviews_of_withheld(*, author_id: int, at_most: int) -> tuple[list[Review], bool]:
    """Request reviews of posts that weren't sent to the model because they weren't public, once their author is public.

    Return the reviews, and whether there are more.
    """
    withheld = Review.objects.filter(
        post__author=author_id,
        post__author__is_private=False,
        post__visibility__in=FOR_EVERYONE,
        withheld=True,
    )
    post_ids = list(withheld.order_by("-post_id").values_list("post_id", flat=True).distinct()[:at_most])
    requested = []
    for post_id in post_ids:
        with transaction.atomic():
            post = lock_post(post_id)
            Review.objects.filter(post=post_id).update(withheld=False)
            if post is not None and post.is_published and not _has_been_judged(post):
                requested.append(Review.objects.create(post=post, text_hash=fingerprint(post.words)))
    return requested, len(post_ids) == at_most


def decide_review(*, review_id: int) -> list[tuple[int, float]]:
    """Make one attempt at a review that is due, together with others that are due, and apply the outcome.

    Safe to call at any time from any number of processes: the claim lets one through. The model is asked outside any
    transaction, about several posts at once; a verdict applies only to the version of the post that the model saw.
    Return the reviews to attempt again, each with the delay in seconds.
    """
    claimed, until = _claim(review_id)
    if not claimed:
        return []
    to_ask = _decide_without_model(claimed)
    if not to_ask:
        return []
    with leases.renewing(lambda: _renew([review for review, _broken in to_ask], until)):
        seconds = max((until - timezone.now()).total_seconds(), 0.0)
        answers = gateway.judge([review.post_id for review, _broken in to_ask], seconds=seconds)
    retries: list[tuple[int, float]] = []
    for review, broken in to_ask:
        with _log_failure(review):
            match answers.get(review.post_id):
                case None:
                    _finish(review, broken=broken, withheld=True)
                case ReviewVerdict() as verdict:
                    _finish(review, broken=broken, verdict=verdict)
                case NoVerdict() as failure:
                    delay = _schedule_retry(review, failure, in_batch=len(to_ask) > 1)
                    if delay is None:
                        _finish(review, broken=broken, fault=failure.stored_reason)
                    else:
                        retries.append((review.pk, delay))
    return retries


def _decide_without_model(claimed: Sequence[Review]) -> list[tuple[Review, list[Finding]]]:
    """Finish the reviews that need no model, and return the others with the rules that their posts break."""
    written, built_in = list(active_word_rules()), built_in_settings()
    to_ask: list[tuple[Review, list[Finding]]] = []
    for review in claimed:
        with _log_failure(review):
            broken = findings(review.post.words, written=written, built_in=built_in)
            if not gateway.is_configured() or (broken and broken[0].holds):
                _finish(review, broken=broken)
            elif fault := _expired_fault(review):
                _finish(review, broken=broken, fault=fault)
            else:
                to_ask.append((review, broken))
    return to_ask


def _claim(review_id: int) -> tuple[list[Review], datetime]:
    """Claim the review, and as many others as fit into one request to the model.

    Return them with the deadline for the model's answer; none if the review isn't due or another process has it.
    """
    now = timezone.now()
    asking = gateway.is_configured()
    with transaction.atomic():
        due = Review.objects.due(now).select_for_update(skip_locked=True)
        first = due.filter(pk=review_id).first()
        if first is None:
            return [], now
        claimed = [first]
        batchable_since = now - timedelta(seconds=settings.REVIEW_TIME_LIMIT - _batch_time_min())
        if asking and not first.alone and first.created_at > batchable_since:
            # A review that is nearly out of time would leave too little of it to the others.
            others = due.exclude(pk=first.pk).filter(alone=False, created_at__gt=batchable_since)
            claimed += others.order_by("id")[: BATCH_SIZE - 1]
        left = min(_time_left(review, now) for review in claimed)
        until = now + timedelta(seconds=max(min(settings.ANTHROPIC_TIMEOUT, left), 0.0))
        ids = [review.pk for review in claimed]
        Review.objects.filter(pk__in=ids).claim(
            _lease(now, until) if asking else LEASE, now=now, attempts=F("attempts") + 1
        )
    return list(Review.objects.select_related("post__author").filter(pk__in=ids).order_by("id")), until


def _lease(now: datetime, until: datetime) -> timedelta:
    """Return for how long to claim a review, or to renew the claim: not much longer than the model may take, so that
    the sweep can decide it then, whichever process has it.
    """
    return min(LEASE, until + LEASE_MARGIN - now)


def _renew(reviews: Sequence[Review], until: datetime) -> None:
    now = timezone.now()
    Review.objects.filter(pk__in=[review.pk for review in reviews]).postpone(_lease(now, until), now=now)


def _time_left(review: Review, now: datetime) -> float:
    """Return the seconds until the post is decided without the model (REVIEW_TIME_LIMIT)."""
    return float((review.created_at - now).total_seconds() + settings.REVIEW_TIME_LIMIT)


def _batch_time_min() -> float:
    """Return the seconds that a review must have left to share a request with others."""
    return float(min(settings.ANTHROPIC_TIMEOUT, settings.REVIEW_TIME_LIMIT / 2))


@contextmanager
def _log_failure(review: Review) -> Iterator[None]:
    """Log an exception instead of failing the whole batch; the review is attempted again when its claim expires."""
    try:
        yield
    except Exception:
        log.exception("review %s of post %s", review.pk, review.post_id)


def _expired_fault(review: Review) -> str:
    """Return why the model is no longer asked, as stored in `fault`; empty while it still may be."""
    if review.attempts > settings.REVIEW_ATTEMPTS:
        return review.fault or dump_translatable(
            translatable(_("Every attempt was interrupted.")), most=FAULT_MAX
        )
    if _time_left(review, timezone.now()) <= 0:
        return review.fault or dump_translatable(
            translatable(_("There was no time left to ask the model.")), most=FAULT_MAX
        )
    return ""


def _schedule_retry(review: Review, failure: NoVerdict, *, in_batch: bool) -> float | None:
    """Make the review due again, and return in how many seconds.

    Return None if another attempt wouldn't help, or if the attempts or the time that the operator allows are used up.
    """
    now = timezone.now()
    left = _time_left(review, now)
    alone = in_batch and failure.alone
    if left <= 0 or not (alone or (failure.again and review.attempts < settings.REVIEW_ATTEMPTS)):
        return None
    delay = 0.0 if alone else min(BACKOFF * 2.0 ** (review.attempts - 1), left)
    Review.objects.filter(pk=review.pk).postpone(
        timedelta(seconds=delay),
        now=now,
        fault=failure.stored_reason,
        alone=review.alone or alone,
        # A failed batch doesn't count as an attempt of this review.
        attempts=F("attempts") - int(alone),
    )
    return delay


def _finish(
    review: Review,
    *,
    broken: list[Finding],
    verdict: ReviewVerdict | None = None,
    fault: str = "",
    withheld: bool = False,
) -> None:
    """Store the outcome of a review and apply it to the post, unless the post has changed meanwhile."""
    with transaction.atomic():
        # The post before the review, as everywhere, so that two transactions never deadlock.
        post = lock_post(review.post_id)
        current = Review.objects.waiting().filter(pk=review.pk).first()
        if current is None:
            return
        current.decided_at = timezone.now()
        if post is None or not _is_current(current, post, verdict):
            # The edit has a review of its own, or gets one shortly.
            current.state = Review.State.REPLACED
            current.save(update_fields=["state", "decided_at"])
            return
        evidence = _evidence(post, broken, verdict, fault)
        outcome = review_outcome(evidence, for_report=current.for_report)
        _store(current, outcome, fault=fault, withheld=withheld)
        _apply(outcome, post, evidence.trust)


def _is_current(review: Review, post: Post, verdict: ReviewVerdict | None) -> bool:
    """Return whether the review, and the verdict if there is one, are about the text that the post has now."""
    if post.state in (Post.State.DELETED, Post.State.REMOVED):
        return False
    judged = verdict.text_hash if verdict else review.text_hash
    return fingerprint(post.words) == judged == review.text_hash


def _evidence(post: Post, broken: list[Finding], verdict: ReviewVerdict | None, fault: str) -> Evidence:
    history = AuthorHistory(earlier_posts=post.author.posts_count, recent_duplicates=recent_duplicates(post))
    return Evidence(trust_of(post.author), broken, verdict, fault, spam_risk(post.words, history))


def _store(review: Review, outcome: ReviewOutcome, *, fault: str, withheld: bool) -> None:
    reason = outcome.reason
    review.state, review.decided_by = outcome.state, outcome.decided_by
    review.safe, review.category, review.confidence = outcome.safe, outcome.category, outcome.confidence
    review.reason = reason if isinstance(reason, str) else dump_translatable(reason, most=REVIEW_REASON_MAX)
    review.fault, review.withheld = fault, withheld
    review.save()


def _apply(outcome: ReviewOutcome, post: Post, trust: Trust) -> None:
    """Publish or hold the post, and open or close its case."""
    case = open_case_of(post)
    effect = outcome.effect
    was_held = case is not None and case.reason == Case.Reason.HELD
    if effect is Effect.PUBLISH and was_held and trust is not Trust.ESTABLISHED:
        # Edited after it was held: unless the author is established, the moderator decides.
        effect = Effect.WAIT
    if effect is Effect.PUBLISH:
        publish_post(post=post)
        if case is not None and outcome.case_reason is None and not case.reports_count and not was_held:
            # It was about an older version.
            close_case(post)
    elif effect is Effect.HOLD:
        _hold(post, outcome)
    elif effect is Effect.WAIT and post.is_published:
        hold_post(
            post=post, reason=dump_translatable(translatable(NEW_VERSION_HELD), most=REASON_FOR_AUTHOR_MAX)
        )
    if outcome.case_reason is not None:
        escalate(post, reason=outcome.case_reason, severity=outcome.severity)


def _hold(post: Post, outcome: ReviewOutcome) -> None:
    reason = outcome.reason_for_author
    if not hold_post(post=post, reason=reason):
        return
    decision = Decision.objects.create(
        decided_by=outcome.decided_by,
        act=Decision.Act.HOLD,
        post=post,
        author_id=post.author_id,
        rule=outcome.category,
        reason=reason,
        post_text=post.words,
    )
    emit(
        PostDecided(decision_id=decision.id, post_id=post.id, author_id=post.author_id, act=Decision.Act.HOLD)
    )


def _replace_waiting(post: Post) -> None:
    Review.objects.waiting().filter(post=post).update(state=Review.State.REPLACED, decided_at=timezone.now())


def _has_been_judged(post: Post) -> bool:
    """Return whether the model or a moderator has judged this version of the post, or a review of it waits."""
    reviews = Review.objects.filter(post=post, text_hash=fingerprint(post.words))
    return (
        reviews.filter(Q(state=Review.State.WAITING) | Q(decided_by__startswith="claude:")).exists()
        or Decision.objects.by_people().of_posts().filter(post=post, post_text=post.words).exists()
    )
