from django.contrib import admin

from core.admin import ReadOnlyAdmin
from feed.models import Interaction, Ranker, Trend


@admin.register(Trend)
class TrendAdmin(ReadOnlyAdmin):
    list_display = ("kind", "rank", "tag", "post", "count", "score", "computed_at")
    list_display_links = ("rank",)
    list_filter = ("kind",)
    list_select_related = ("tag", "post")
    ordering = ("kind", "rank")


@admin.register(Ranker)
class RankerAdmin(ReadOnlyAdmin):
    list_display = ("id", "trained_at", "ndcg_10", "promoted")
    list_filter = ("promoted",)
    exclude = ("model",)
    list_display_links = ("id",)
    ordering = ("-id",)

    @admin.display(description="NDCG@10")
    def ndcg_10(self, ranker: Ranker) -> float:
        return float(ranker.figures["model"]["ndcg_10"])


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    """The log as a whole, to check that it is written, without the members."""

    list_display = ("id", "kind", "post", "source", "position", "at")
    list_filter = ("kind", "source")
    search_fields = ("=post__id",)
    exclude = ("member", "event_id")
    list_select_related = ("post",)
    ordering = ("-id",)
    show_full_result_count = False
