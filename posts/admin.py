from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from core.translatable import translate_stored
from posts.models import Like, Mention, Post, PostRevision, PostTag, Tag


class RevisionInline(admin.TabularInline[PostRevision, Post]):
    model = PostRevision
    fields = ("written_at", "text")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """Find posts. Nothing can be edited; moderation.admin adds the decisions."""

    list_display = (
        "id",
        "author",
        "excerpt",
        "visibility",
        "state",
        "created_at",
        "likes_count",
        "replies_count",
    )
    list_filter = (
        "state",
        "visibility",
        ("in_reply_to", admin.EmptyFieldListFilter),
        "created_at",
        "author__is_simulated",
    )
    search_fields = ("=id", "text", "=author__username")
    list_select_related = ("author",)
    show_full_result_count = False
    ordering = ("-id",)
    exclude = ("html", "state_reason")
    readonly_fields = ("why",)
    inlines = (RevisionInline,)

    @admin.display(description="text")
    def excerpt(self, post: Post) -> str:
        return str(post)

    @admin.display(description="state reason")
    def why(self, post: Post) -> str:
        return translate_stored(post.state_reason)


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("label", "name", "posts_count")
    search_fields = ("name", "label")
    ordering = ("-id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        tags: QuerySet[Tag] = super().get_queryset(request)
        return tags.annotate(carried_by=Count("posts"))

    @admin.display(description="posts", ordering="carried_by")
    def posts_count(self, tag: Any) -> int:
        return int(tag.carried_by)


@admin.register(Like)
class LikeAdmin(ReadOnlyAdmin):
    list_display = ("id", "member", "post_id")
    search_fields = ("=post__id", "=member__username")
    list_select_related = ("member",)
    show_full_result_count = False
    ordering = ("-id",)


@admin.register(PostRevision)
class PostRevisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "written_at", "text")
    search_fields = ("=post__id", "text")
    exclude = ("html",)
    show_full_result_count = False
    ordering = ("-id",)


@admin.register(Mention)
class MentionAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "member")
    search_fields = ("=post__id", "=member__username")
    list_select_related = ("member",)
    show_full_result_count = False
    ordering = ("-id",)


@admin.register(PostTag)
class PostTagAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "tag")
    search_fields = ("=post__id", "=tag__name")
    list_select_related = ("tag",)
    show_full_result_count = False
    ordering = ("-id",)
