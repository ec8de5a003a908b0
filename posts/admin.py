from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from posts.actions import remove_post, restore_post
from posts.models import Like, Mention, Post, PostRevision, PostTag, Tag

REMOVED_HERE = "It was taken down by the administration."


class RevisionInline(admin.TabularInline[PostRevision, Post]):
    model = PostRevision
    fields = ("written_at", "text")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ReasonForm(ActionForm):
    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Reason",
        help_text="Its author reads it when a post is removed.",
    )


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """Looking for posts, and taking them down or back; nobody rewrites what somebody else said."""

    list_display = ("id", "author", "excerpt", "state", "created_at", "likes_count", "replies_count")
    list_filter = ("state", ("in_reply_to", admin.EmptyFieldListFilter), "created_at", "author__is_simulated")
    search_fields = ("=id", "text", "=author__username")
    list_select_related = ("author",)
    show_full_result_count = False
    ordering = ("-id",)
    exclude = ("html",)
    inlines = (RevisionInline,)
    action_form = ReasonForm
    actions = ("remove", "restore")

    @admin.display(description="text")
    def excerpt(self, post: Post) -> str:
        return str(post)

    @admin.action(description="Remove the selected posts")
    def remove(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        reason = request.POST.get("reason", "").strip() or REMOVED_HERE
        changed = [post for post in queryset if remove_post(post=post, reason=reason)]
        self._tell(request, changed, "removed", reason)

    @admin.action(description="Let others see the selected posts again")
    def restore(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        changed = [post for post in queryset if restore_post(post=post)]
        self._tell(request, changed, "restored")

    def _tell(self, request: HttpRequest, posts: list[Post], done: str, reason: str = "") -> None:
        for post in posts:
            self.log_change(request, post, f"{done}: {reason}" if reason else done)
        count = len(posts)
        self.message_user(
            request, f"{count} {'post was' if count == 1 else 'posts were'} {done}.", messages.SUCCESS
        )


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
