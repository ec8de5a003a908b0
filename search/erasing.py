"""What finding knows of a member (config/erasures.py)."""

from search import actions
from search.models import MemberDocument, PostDocument


def forget_posts(member_id: int) -> int:
    """Their posts, which say nothing any more, here and on the search server."""
    found = PostDocument.objects.filter(post__author_id=member_id).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:500])
    actions.forget_posts(ids=ids)
    return len(ids)


def forget_member(member_id: int) -> int:
    """In the transaction that deletes the member: the search server is told once that has happened."""
    actions.forget_member(member_id=member_id)
    return MemberDocument.objects.filter(pk=member_id).count()
