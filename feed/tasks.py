import logging

from celery import shared_task

from accounts.events import AccountClosed, InterestsChosen
from accounts.models import Member
from core.refusals import Refusal
from feed.actions import ranker, suggestions, trends
from moderation.events import TrendDecided
from posts.events import PostHidden
from social.events import FollowRequested, MemberFollowed, PrivacyChanged, SuggestionDismissed, WordMuted

log = logging.getLogger("kith.feed")


@shared_task
def compute_trends() -> None:
    """Every five minutes, so that what is shown is never older than ten."""
    trends.compute_trends()


@shared_task
def compute_suggestions() -> None:
    """Every ten minutes, for those whose suggestions have aged."""
    suggestions.compute_suggestions()


@shared_task
def train_ranker() -> None:
    """Every night. A community with too little in its log goes on with the score by hand."""
    try:
        ranker.train_ranker()
    except Refusal as refusal:
        log.info("the ranker was not trained: %s", refusal)


def leave_trends(event: PostHidden) -> None:
    """A post was hidden; then we let it leave the trends."""
    trends.leave_trends(post_id=event.post_id)


def leave_trends_of_private(event: PrivacyChanged) -> None:
    """Then what only followers read counts no more in what everybody reads."""
    if event.is_private:
        trends.leave_trends(author_id=event.member_id)


def leave_trends_of_closed(event: AccountClosed) -> None:
    """Then what a closed account wrote counts no more in what everybody reads."""
    trends.leave_trends(author_id=event.member_id)


def hide_muted_tags(event: WordMuted) -> None:
    """Then we leave out beside their pages what they do not want to read any more."""
    trends.leave_out_muted(member_id=event.member_id)


def follow_trend_decision(event: TrendDecided) -> None:
    """Then the trends are as a moderator wants them."""
    trends.compute_trends()


def suggest_by_interests(event: InterestsChosen) -> None:
    """Then suggest people who share them."""
    for member in Member.objects.visible_to(None).filter(pk=event.member_id):
        suggestions.compute_suggestions_for(member=member)


def suggest_more_after_follow(event: MemberFollowed) -> None:
    _refill(event.follower_id)


def suggest_more_after_request(event: FollowRequested) -> None:
    _refill(event.requester_id)


def suggest_more_after_dismissal(event: SuggestionDismissed) -> None:
    _refill(event.member_id)


@shared_task
def refill_suggestions(member_id: int) -> None:
    """After a member signed in."""
    _refill(member_id)


def _refill(member_id: int) -> None:
    for member in Member.objects.visible_to(None).filter(pk=member_id):
        suggestions.refill_suggestions(member=member)
