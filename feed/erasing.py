"""What the feeds know of a member (config/erasures.py). A trained ranker holds weights, and nothing of anybody."""

from django.core.cache import cache
from django.db.models import Q

from core.db import delete_some
from feed.models import Interaction, Trend
from feed.queries.trending import BESIDE_KEY


def forget_interactions(member_id: int) -> int:
    """What they did, what was done with their posts, and their posts among the trends."""
    if Trend.objects.filter(post__author_id=member_id).delete()[0]:
        cache.delete(BESIDE_KEY)
    return delete_some(Interaction.objects.filter(Q(member_id=member_id))) or delete_some(
        Interaction.objects.filter(post__author_id=member_id)
    )
