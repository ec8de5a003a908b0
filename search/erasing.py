"""Remove a deleted member from the search index (config/erasures.py)."""

from search import actions
from search.kinds import MEMBERS, POSTS
from search.models import MemberDocument, PostDocument


def forget_posts(member_id: int) -> int:
    """Remove some of their posts. Return how many."""
    found = PostDocument.objects.filter(post__author_id=member_id).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:500])
    actions.remove_from_index(kind=POSTS, ids=ids)
    return len(ids)


def forget_member(member_id: int) -> int:
    """Remove the member, in the transaction that deletes them. The search server follows after the commit."""
    actions.remove_from_index(kind=MEMBERS, ids=[member_id])
    return MemberDocument.objects.filter(pk=member_id).count()
