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
    """Compute trends every five minutes, so they are never older than ten."""
    trends.compute_trends()


@shared_task
def compute_suggestions() -> None:
    """Compute suggestions every ten minutes, for members whose suggestions are old or few."""
    suggestions.compute_suggestions()


@shared_task
def train_ranker() -> None:
    """Train the ranker every night. With too little in the log, the score stays in use."""
    try:
        ranker.train_ranker()
    except Refusal as refusal:
        log.info("the ranker was not trained: %s", refusal)


def remove_from_trends(event: PostHidden) -> None:
    """Remove a hidden post from the trends."""
    trends.remove_from_trends(post_id=event.post_id)


def remove_private_from_trends(event: PrivacyChanged) -> None:
    """Remove from the trends what only followers can see now."""
    if event.is_private:
        trends.remove_from_trends(author_id=event.member_id)


def remove_closed_from_trends(event: AccountClosed) -> None:
    """Remove the posts of a closed account from the trends."""
    trends.remove_from_trends(author_id=event.member_id)


def refresh_sidebar_tags(event: WordMuted) -> None:
    """Hide hashtags in the sidebar that the member has just muted."""
    trends.refresh_sidebar(member_id=event.member_id)


def apply_trend_decision(event: TrendDecided) -> None:
    """Compute the trends again after a moderator’s decision."""
    trends.compute_trends()


def suggest_after_interests(event: InterestsChosen) -> None:
    """Suggest members who share the new interests."""
    for member in Member.objects.visible_to(None).filter(pk=event.member_id):
        suggestions.compute_suggestions_for(member=member)


def suggest_after_follow(event: MemberFollowed) -> None:
    _refill(event.follower_id)


def suggest_after_request(event: FollowRequested) -> None:
    _refill(event.requester_id)


def suggest_after_dismissal(event: SuggestionDismissed) -> None:
    _refill(event.member_id)


@shared_task
def refill_suggestions(member_id: int) -> None:
    """Refill the suggestions of a member who has signed in."""
    _refill(member_id)


def _refill(member_id: int) -> None:
    for member in Member.objects.visible_to(None).filter(pk=member_id):
        suggestions.refill_suggestions(member=member)
