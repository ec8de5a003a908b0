"""Every stored counter, for `manage.py recount` (core.counters)."""

from collections.abc import Sequence

from core.counters import Counter
from moderation.counters import COUNTERS as MODERATION
from posts.counters import COUNTERS as POSTS
from social.counters import COUNTERS as SOCIAL

COUNTERS: Sequence[Counter] = [*SOCIAL, *POSTS, *MODERATION]
