from typing import Any

from rest_framework import serializers

from accounts.serializers import MemberOut
from core.api import Id
from posts.models import Post
from posts.queries import Marks


class PostOut(serializers.ModelSerializer[Post]):
    """A post as its viewer sees it; pass the viewer's `marks` in the context."""

    id = Id(read_only=True)
    author = MemberOut(read_only=True)
    in_reply_to = Id(source="in_reply_to_id", read_only=True, allow_null=True)
    thread = Id(source="root_id", read_only=True, allow_null=True, help_text="The first post of its thread.")
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    liked = serializers.SerializerMethodField()
    bookmarked = serializers.SerializerMethodField()

    class Meta:
        model = Post
        fields = (
            "id",
            "author",
            "text",
            "html",
            "in_reply_to",
            "thread",
            "state",
            "state_reason",
            "created_at",
            "edited_at",
            "likes_count",
            "replies_count",
            "url",
            "liked",
            "bookmarked",
        )

    def get_liked(self, post: Post) -> bool:
        return post.id in self._marks.liked

    def get_bookmarked(self, post: Post) -> bool:
        return post.id in self._marks.bookmarked

    @property
    def _marks(self) -> Marks:
        marks: Marks = self.context.get("marks") or Marks()
        return marks


class PostIn(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)
    in_reply_to = Id(required=False, allow_null=True)


class TextIn(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)


class WordingOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    written_at = serializers.DateTimeField()
