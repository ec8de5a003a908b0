from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from moderation.actions import delete_word_rule, write_word_rule
from moderation.forms import WordRuleForm
from moderation.models import Case, Decision, Report, Review, WordRule


@admin.register(WordRule)
class WordRuleAdmin(admin.ModelAdmin[WordRule]):
    form = WordRuleForm
    list_display = ("pattern", "category", "action", "active", "note", "created_at")
    list_filter = ("action", "category", "active")
    search_fields = ("pattern", "note")

    def save_model(self, request: HttpRequest, obj: WordRule, form: WordRuleForm, change: bool) -> None:
        written = write_word_rule(
            by=request.user,  # type: ignore[arg-type]
            rule=WordRule.objects.get(pk=obj.pk) if change else None,
            **form.cleaned_data,
        )
        obj.pk = written.pk

    def delete_model(self, request: HttpRequest, obj: WordRule) -> None:
        delete_word_rule(rule=obj, by=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WordRule]) -> None:
        for rule in queryset:
            delete_word_rule(rule=rule, by=request.user)  # type: ignore[arg-type]


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "reporter", "rule", "created_at", "outcome", "decided_at")
    list_filter = ("outcome", "rule")
    search_fields = ("=id", "=post__id", "reporter__username", "words")
    list_select_related = ("reporter",)
    raw_id_fields = ("post", "reporter")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "post_id",
        "state",
        "safe",
        "category",
        "confidence",
        "decided_by",
        "attempts",
        "fault",
        "created_at",
        "decided_at",
    )
    list_filter = ("state", "safe", "category")
    search_fields = ("=id", "=post__id", "reason", "decided_by")
    raw_id_fields = ("post",)


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "why", "urgency", "reports_count", "opened_at", "closed_at")
    list_filter = ("why",)
    search_fields = ("=id", "=post__id")
    raw_id_fields = ("post",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "decided_by", "act", "post_id", "author", "rule", "reason")
    list_filter = ("act",)
    search_fields = ("=id", "=post__id", "decided_by", "author__username", "reason")
    list_select_related = ("author",)
    raw_id_fields = ("post", "author", "by")
