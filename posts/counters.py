"""What posts keep count of."""

from django.db.models import QuerySet

from accounts.models import Member
from core.counters import Counter
from posts.models import Bookmark, Like, Post


def _published() -> "QuerySet[Post]":
    return Post.objects.filter(state=Post.State.PUBLISHED)


COUNTERS = [
    Counter(Post, "likes_count", Like.objects.all, by="post"),
    Counter(Post, "bookmarks_count", Bookmark.objects.all, by="post"),
    Counter(Post, "replies_count", _published, by="in_reply_to"),
    Counter(Member, "posts_count", _published, by="author"),
]
