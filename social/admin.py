from django.contrib import admin

from core.admin import ReadOnlyAdmin
from social.models import Follow


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = ("id", "follower", "followee", "created_at")
    list_select_related = ("follower", "followee")
    search_fields = ("follower__username", "followee__username")
    date_hierarchy = "created_at"
    show_full_result_count = False
