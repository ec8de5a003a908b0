"""Delete what the feeds store about a member (config/erasures.py). A trained ranker has only weights."""

from django.core.cache import cache
from django.db.models import Q

from core.db import delete_some
from feed.models import Interaction, Trend
from feed.queries.trending import SIDEBAR_KEY


def forget_interactions(member_id: int) -> int:
    """Delete some of what they did and what was done with their posts, and their trends. Return how many."""
    if Trend.objects.filter(post__author_id=member_id).delete()[0]:
        cache.delete(SIDEBAR_KEY)
    return delete_some(Interaction.objects.filter(Q(member_id=member_id))) or delete_some(
        Interaction.objects.filter(post__author_id=member_id)
    )
