"""What social keeps count of."""

from accounts.models import Member
from core.counters import Counter
from social.models import Follow

COUNTERS = [
    Counter(Member, "followers_count", Follow.objects.all, by="followee"),
    Counter(Member, "following_count", Follow.objects.all, by="follower"),
]
