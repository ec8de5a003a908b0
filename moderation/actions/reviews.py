"""Automatic review: what becomes of a wording, and who must look at it.

A model, a rule and the local classifier can keep a post from others and call a person. They never do what cannot be
undone. Whatever fails, a new or untrusted member's post waits for a person: no error makes anything safe.
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
from core.sentences import kept, sentence
from moderation import gateway, local
from moderation.actions.cases import close_case, escalate, open_case_of
from moderation.events import PostDecided, ReviewDecided
from moderation.gateway import NoVerdict, ReviewVerdict
from moderation.local import AuthorHistory
from moderation.models import (
    FAULT_MAX,
    REASON_FOR_AUTHOR_MAX,
    REVIEW_REASON_MAX,
    Case,
    Decision,
    Review,
    fingerprint,
)
from moderation.queries import (
    Trust,
    active_word_rules,
    built_in_settings,
    same_text_lately,
    trust_of,
)
from moderation.rules import Finding, findings
from moderation.rulings import End, Ruling, rule_on
from posts.actions import hold_post, lock_post, publish_post
from posts.models import Post

log = logging.getLogger("kith.moderation")

GATHERING = 0.2
"""Seconds that a post waits for others to be sent to the model with it."""
BATCH = 8
"""How many posts are sent to the model in one request."""
GRACE = timedelta(seconds=1)
"""What an attempt may take beside waiting for the model, before it is taken for dead."""
FIRST_BACK_OFF = 5

WAITS_FOR_PERSON = _("A moderator will review the new version before others see it.")


def request_review(*, post_id: int) -> Review | None:
    """A review of the post as it reads now, in place of older ones that wait. None when nothing is left to judge."""
    with transaction.atomic():
        post = lock_post(post_id)
        if post is None or post.state in (Post.State.DELETED, Post.State.REMOVED):
            return None
        _replace_waiting(post)
        return Review.objects.create(post=post, text_hash=fingerprint(post.text))


def request_review_of_reported(*, post: Post) -> None:
    """Have the model review a post that was reported, which is locked, when the model has not judged this wording yet:
    what only followers read may leave now. Not when a person has decided about this wording, nor without a key.
    """
    if gateway.is_configured() and post.is_published and not _has_been_judged(post):
        review = Review.objects.create(post=post, text_hash=fingerprint(post.text), for_report=True)
        enqueue("moderation.tasks.run_review", review.pk, countdown=GATHERING)


def request_reviews_of_withheld(*, author_id: int, at_most: int) -> tuple[list[Review], bool]:
    """Reviews of what was not sent to the model because not everyone could read it, for an author whose posts
    everyone reads now. Return them, and whether more are left.
    """
    withheld = Review.objects.filter(post__author=author_id, post__author__is_private=False, withheld=True)
    post_ids = list(withheld.order_by("-post_id").values_list("post_id", flat=True).distinct()[:at_most])
    requested = []
    for post_id in post_ids:
        with transaction.atomic():
            post = lock_post(post_id)
            Review.objects.filter(post=post_id).update(withheld=False)
            if post is not None and post.is_published and not _has_been_judged(post):
                requested.append(Review.objects.create(post=post, text_hash=fingerprint(post.text)))
    return requested, len(post_ids) == at_most


def decide_review(*, review_id: int) -> list[tuple[int, float]]:
    """Make one attempt at a review that is due, together with others that are, and act on what it finds.

    Safe to call at any time from any number of processes: the claim lets one of them through. The model is asked
    outside any transaction, about several posts at once; what it says is applied only to the wording that it saw.
    Return which reviews are to be attempted again, and in how many seconds.
    """
    claimed, until = _claim(review_id)
    if not claimed:
        return []
    written, built_in = list(active_word_rules()), built_in_settings()
    to_ask: list[tuple[Review, list[Finding]]] = []
    for review in claimed:
        with _one_of_several(review):
            broken = findings(review.post.text, written=written, built_in=built_in)
            if not gateway.is_configured() or (broken and broken[0].holds):
                _apply(review, broken=broken)
            elif fault := _too_late(review):
                _apply(review, broken=broken, fault=fault)
            else:
                to_ask.append((review, broken))
    if not to_ask:
        return []
    with leases.kept(lambda: _renew([review for review, _broken in to_ask], until)):
        seconds = max((until - timezone.now()).total_seconds(), 0.0)
        answers = gateway.judge([review.post_id for review, _broken in to_ask], seconds=seconds)
    again: list[tuple[int, float]] = []
    for review, broken in to_ask:
        with _one_of_several(review):
            match answers.get(review.post_id):
                case None:
                    _apply(review, broken=broken, withheld=True)
                case ReviewVerdict() as verdict:
                    _apply(review, broken=broken, verdict=verdict)
                case NoVerdict() as why:
                    wait = _put_off(review, why, several=len(to_ask) > 1)
                    if wait is None:
                        _apply(review, broken=broken, fault=why.kept)
                    else:
                        again.append((review.pk, wait))
    return again


def _claim(review_id: int) -> tuple[list[Review], datetime]:
    """Take the review for one attempt, and as many others as a request to the model has room for. Empty when it is not
    due, or another process has it. With them, until when the model may take.
    """
    now = timezone.now()
    asking = gateway.is_configured()
    with transaction.atomic():
        due = Review.objects.due(now).select_for_update(skip_locked=True)
        first = due.filter(pk=review_id).first()
        if first is None:
            return [], now
        claimed = [first]
        unhurried = now - timedelta(seconds=settings.REVIEW_TIME_LIMIT - _hurry())
        if asking and not first.alone and first.created_at > unhurried:
            # One whose time is nearly over would leave the others too little.
            others = due.exclude(pk=first.pk).filter(alone=False, created_at__gt=unhurried)
            claimed += others.order_by("id")[: BATCH - 1]
        left = min(_time_left(review, now) for review in claimed)
        until = now + timedelta(seconds=max(min(settings.ANTHROPIC_TIMEOUT, left), 0.0))
        ids = [review.pk for review in claimed]
        Review.objects.filter(pk__in=ids).claim(
            _lease(now, until) if asking else LEASE, now=now, attempts=F("attempts") + 1
        )
    return list(Review.objects.select_related("post__author").filter(pk__in=ids).order_by("id")), until


def _lease(now: datetime, until: datetime) -> timedelta:
    """Return for how long to claim a review, or to renew the claim: not much longer than the model may take, so that
    the sweep ends the waiting then, whoever has the review.
    """
    return min(LEASE, until + GRACE - now)


def _renew(reviews: Sequence[Review], until: datetime) -> None:
    now = timezone.now()
    Review.objects.filter(pk__in=[review.pk for review in reviews]).postpone(_lease(now, until), now=now)


def _time_left(review: Review, now: datetime) -> float:
    """Seconds until the post is decided about without the model (REVIEW_TIME_LIMIT)."""
    return float((review.created_at - now).total_seconds() + settings.REVIEW_TIME_LIMIT)


def _hurry() -> float:
    """With fewer seconds left than this, a post is asked about by itself."""
    return float(min(settings.ANTHROPIC_TIMEOUT, settings.REVIEW_TIME_LIMIT / 2))


@contextmanager
def _one_of_several(review: Review) -> Iterator[None]:
    """What goes wrong with one review leaves the others alone; its claim runs out, and it is tried again."""
    try:
        yield
    except Exception:
        log.exception("review %s of post %s", review.pk, review.post_id)


def _too_late(review: Review) -> str:
    """Why the model is not asked any more; empty while it is."""
    if review.attempts > settings.REVIEW_ATTEMPTS:
        return review.fault or kept(sentence(_("Every attempt was interrupted.")), most=FAULT_MAX)
    if _time_left(review, timezone.now()) <= 0:
        return review.fault or kept(sentence(_("There was no time left to ask the model.")), most=FAULT_MAX)
    return ""


def _put_off(review: Review, why: NoVerdict, *, several: bool) -> float | None:
    """Have another attempt made, and return in how many seconds. None when there is none to be made: it would not
    help, or the attempts or the time that the operator allows are used up.
    """
    now = timezone.now()
    left = _time_left(review, now)
    alone = several and why.alone
    if left <= 0 or not (alone or (why.again and review.attempts < settings.REVIEW_ATTEMPTS)):
        return None
    wait = 0.0 if alone else min(FIRST_BACK_OFF * 2.0 ** (review.attempts - 1), left)
    Review.objects.filter(pk=review.pk).postpone(
        timedelta(seconds=wait),
        now=now,
        fault=why.kept,
        alone=review.alone or alone,
        # That it was asked about together with others is not held against it.
        attempts=F("attempts") - int(alone),
    )
    return wait


def _apply(
    review: Review,
    *,
    broken: list[Finding],
    verdict: ReviewVerdict | None = None,
    fault: str = "",
    withheld: bool = False,
) -> None:
    with transaction.atomic():
        # The post before the review, as everywhere: two of them never wait for each other crosswise.
        post = lock_post(review.post_id)
        current = Review.objects.waiting().filter(pk=review.pk).first()
        if current is None:
            return
        current.decided_at = timezone.now()
        hashes = (
            {fingerprint(post.text), verdict.text_hash if verdict else current.text_hash} if post else set()
        )
        if (
            post is None
            or post.state in (Post.State.DELETED, Post.State.REMOVED)
            or hashes != {current.text_hash}
        ):
            # The edit's own review is there, or on its way.
            current.state = Review.State.REPLACED
            current.save(update_fields=["state", "decided_at"])
            return
        trust = trust_of(post.author)
        history = AuthorHistory(
            earlier_posts=post.author.posts_count,
            same_text_lately=same_text_lately(post),
        )
        ruling = rule_on(
            trust=trust,
            broken=broken,
            verdict=verdict,
            fault=fault,
            risk=local.risk_of(post.text, history),
            for_report=current.for_report,
        )
        current.state = ruling.state
        current.safe, current.category, current.confidence = ruling.safe, ruling.category, ruling.confidence
        current.reason = (
            ruling.reason if isinstance(ruling.reason, str) else kept(ruling.reason, most=REVIEW_REASON_MAX)
        )
        current.decided_by, current.fault, current.withheld = ruling.decided_by, fault, withheld
        current.save()
        _carry_out(post, ruling, trust)
        emit(
            ReviewDecided(
                review_id=current.id,
                post_id=post.id,
                author_id=post.author_id,
                safe=ruling.safe,
                needs_person=ruling.case_reason is not None,
            )
        )


def _carry_out(post: Post, ruling: Ruling, trust: Trust) -> None:
    case = open_case_of(post)
    end = ruling.end
    if (
        end is End.PUBLISH
        and case is not None
        and case.reason == Case.Reason.HELD
        and trust is not Trust.ESTABLISHED
    ):
        # Held once and written anew: for those not known here, the person who was called decides.
        end = End.WAIT
    if end is End.PUBLISH:
        publish_post(post=post)
        if (
            case is not None
            and ruling.case_reason is None
            and not case.reports_count
            and case.reason != Case.Reason.HELD
        ):
            # It was about a wording that is gone.
            close_case(post)
    elif end is End.HOLD:
        reason = ruling.reason_for_author
        if hold_post(post=post, reason=reason):
            decision = Decision.objects.create(
                decided_by=ruling.decided_by,
                act=Decision.Act.HOLD,
                post=post,
                author_id=post.author_id,
                rule=ruling.category,
                reason=reason,
                post_text=post.text,
            )
            emit(
                PostDecided(
                    decision_id=decision.id, post_id=post.id, author_id=post.author_id, act=Decision.Act.HOLD
                )
            )
    elif end is End.WAIT and post.is_published:
        hold_post(post=post, reason=kept(sentence(WAITS_FOR_PERSON), most=REASON_FOR_AUTHOR_MAX))
    if ruling.case_reason is not None:
        escalate(post, reason=ruling.case_reason, severity=ruling.severity)


def _replace_waiting(post: Post) -> None:
    Review.objects.waiting().filter(post=post).update(state=Review.State.REPLACED, decided_at=timezone.now())


def _has_been_judged(post: Post) -> bool:
    """By the model, or by a person, or is about to be."""
    reviews = Review.objects.filter(post=post, text_hash=fingerprint(post.text))
    return (
        reviews.filter(Q(state=Review.State.WAITING) | Q(decided_by__startswith="claude:")).exists()
        or Decision.objects.by_people().of_posts().filter(post=post, post_text=post.text).exists()
    )
