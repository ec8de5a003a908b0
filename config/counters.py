"""All stored counters, and what corrects them when an account closes (docs/counts.md)."""

from collections.abc import Mapping, Sequence

from core.counters import Counter
from moderation.counters import COUNTERS as MODERATION
from posts.counters import COUNTERS as POSTS
from social.counters import COUNTERS as SOCIAL

COUNTERS: Sequence[Counter] = [*SOCIAL, *POSTS, *MODERATION]

STATUS_COUNTERS: Mapping[str, Sequence[str]] = {
    # Called with the member's id, to lock what "count" changes: members by id before posts by id, as everywhere.
    "hold": ["social.counters.lock_follow_neighbors"],
    # Called with the member before and after the change, to update the counters of others.
    "count": ["social.counters.count_follows_of", "posts.counters.count_posts_of"],
}
"""What is called in the same transaction when an account opens, closes, or turns private or public."""
