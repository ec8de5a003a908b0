from django.contrib import admin

from core.admin import ReadOnlyAdmin
from feed.models import Trend


@admin.register(Trend)
class TrendAdmin(ReadOnlyAdmin):
    list_display = ("kind", "rank", "tag", "post", "count", "score", "computed_at")
    list_display_links = ("rank",)
    list_filter = ("kind",)
    list_select_related = ("tag", "post")
    ordering = ("kind", "rank")
