from django.contrib import admin

from core.admin import ReadOnlyAdmin
from notifications.models import Notification, NotificationGroup, Preference


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "member",
        "kind",
        "actor",
        "post_id",
        "created_at",
        "seen_at",
        "read_at",
        "withdrawn_at",
    )
    list_filter = ("kind",)
    list_select_related = ("member", "actor")
    search_fields = ("=id", "=post__id", "member__username", "actor__username")
    raw_id_fields = ("group", "member", "actor", "post", "decision", "report", "draft")


@admin.register(NotificationGroup)
class NotificationGroupAdmin(ReadOnlyAdmin):
    list_display = ("id", "member", "kind", "post_id", "day")
    list_filter = ("kind",)
    list_select_related = ("member",)
    search_fields = ("=id", "=post__id", "member__username")
    raw_id_fields = ("member", "post")


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    list_display = ("member", "kind", "in_page", "from_whom")
    list_filter = ("kind", "in_page", "from_whom")
    list_select_related = ("member",)
    search_fields = ("member__username",)
