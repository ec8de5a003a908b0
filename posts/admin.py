from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.http import signed_in
from core.admin import ReadOnlyAdmin
from core.translatable import translate_stored
from posts.actions import refresh_link_card, remove_link_card
from posts.models import Draft, Like, LinkCard, Mention, Post, PostRevision, PostTag, Repost, Tag


class RevisionInline(admin.TabularInline[PostRevision, Post]):
    model = PostRevision
    fields = ("written_at", "content_warning", "text")
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
        "reposts_count",
    )
    list_filter = (
        "state",
        "visibility",
        "language",
        ("in_reply_to", admin.EmptyFieldListFilter),
        "created_at",
        "author__is_simulated",
    )
    search_fields = ("=id", "text", "content_warning", "=author__username")
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


@admin.register(Repost)
class RepostAdmin(ReadOnlyAdmin):
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


@admin.register(LinkCard)
class LinkCardAdmin(ReadOnlyAdmin):
    list_display = ("id", "url", "title", "state", "fetched_at", "failure")
    list_filter = ("state", "is_wanted")
    search_fields = ("=id", "url", "title")
    exclude = ("post", "member")
    show_full_result_count = False
    ordering = ("-id",)
    actions = ("remove", "refresh")

    @admin.action(description="Remove the selected link cards")
    def remove(self, request: HttpRequest, queryset: QuerySet[LinkCard]) -> None:
        removed = sum(remove_link_card(card=card, by=signed_in(request)) for card in queryset)
        self.message_user(request, f"{removed} link cards removed.", messages.SUCCESS)

    @admin.action(description="Fetch the selected link cards again")
    def refresh(self, request: HttpRequest, queryset: QuerySet[LinkCard]) -> None:
        for card in queryset:
            refresh_link_card(card=card, by=signed_in(request))
        self.message_user(request, "The link cards will be fetched again.", messages.SUCCESS)


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


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Find drafts and scheduled posts, for instance those that couldn't be sent. What they say stays their author's."""

    list_display = ("id", "author", "scheduled_at", "due_at", "attempts", "updated_at")
    list_filter = (("scheduled_at", admin.EmptyFieldListFilter), "updated_at")
    search_fields = ("=id", "=author__username")
    list_select_related = ("author",)
    exclude = ("posts", "failure", "parent_id")
    show_full_result_count = False
    ordering = ("-id",)
