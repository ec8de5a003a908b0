"""What posts keep count of, and how that follows when an account closes, opens, or turns private or public."""

from collections import defaultdict

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Greatest

from accounts.models import Member
from core.counters import Counter
from posts.models import Bookmark, Like, Post

CHUNK = 1000


def _published() -> "QuerySet[Post]":
    return Post.objects.filter(state=Post.State.PUBLISHED)


def _replies_for_anyone() -> "QuerySet[Post]":
    return Post.objects.visible_to(None)


def _likes() -> "QuerySet[Like]":
    return Like.objects.filter(member__is_active=True)


def _bookmarks() -> "QuerySet[Bookmark]":
    return Bookmark.objects.filter(member__is_active=True)


COUNTERS = [
    Counter(Post, "likes_count", _likes, by="post"),
    Counter(Post, "bookmarks_count", _bookmarks, by="post"),
    Counter(Post, "replies_count", _replies_for_anyone, by="in_reply_to"),
    # The author's own number, also while the account is closed or private: whoever reads the posts is told it.
    Counter(Member, "posts_count", _published, by="author"),
]


def count_posts_of(before: Member, after: Member) -> None:
    """Posts that the member likes, bookmarks or has answered have one more or less of these. Needs the member's row."""
    acts = int(after.is_active) - int(before.is_active)
    replies = int(after.is_public) - int(before.is_public)
    liked = Like.objects.filter(member=after).values_list("post_id", flat=True)
    bookmarked = Bookmark.objects.filter(member=after).values_list("post_id", flat=True)
    answered = _published().filter(author=after, in_reply_to__isnull=False)
    concerned = []
    if acts:
        concerned += [liked, bookmarked]
    if replies:
        concerned.append(answered.values_list("in_reply_to_id", flat=True))
    if not concerned:
        return
    held = Post.objects.filter(pk__in=concerned[0].union(*concerned[1:], all=True)).locked()
    list(held.values_list("pk", flat=True))
    # Asked again now that they are held: a post may have been deleted meanwhile, and its likes with it.
    if acts:
        _add(Post.objects.filter(pk__in=liked), likes_count=acts)
        _add(Post.objects.filter(pk__in=bookmarked), bookmarks_count=acts)
    if replies:
        numbers = answered.order_by().values_list("in_reply_to_id").annotate(n=Count("pk"))
        parents: defaultdict[int, list[int]] = defaultdict(list)
        for parent_id, number in numbers:
            parents[number].append(parent_id)
        for number, ids in parents.items():
            for start in range(0, len(ids), CHUNK):
                some = Post.objects.filter(pk__in=ids[start : start + CHUNK])
                _add(some, replies_count=replies * number)


def _add(posts: "QuerySet[Post]", **steps: int) -> None:
    # Never below zero: a number that has drifted keeps nobody from leaving. `recount` sets it right.
    posts.update(**{name: Greatest(F(name) + step, 0) for name, step in steps.items()})
