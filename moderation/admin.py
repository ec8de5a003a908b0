from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.http import signed_in
from core.admin import ReadOnlyAdmin
from core.refusals import Refusal
from moderation.actions import decide_post, delete_word_rule, write_word_rule
from moderation.forms import WordRuleForm
from moderation.models import (
    BuiltInRuleChange,
    Case,
    Decision,
    Report,
    Review,
    TrendReview,
    WordRule,
)
from posts.admin import PostAdmin
from posts.models import Post


class ReasonForm(ActionForm):
    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Reason",
        help_text="Its author reads it when a post is removed.",
    )


admin.site.unregister(Post)


@admin.register(Post)
class DecidedPostAdmin(PostAdmin):
    """Posts with the actions of the moderation pages: logged the same way, and for moderators only."""

    action_form = ReasonForm
    actions = ("remove", "restore")

    @admin.action(description="Remove the selected posts")
    def remove(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        self._decide(request, queryset, Decision.Act.REMOVE, "removed")

    @admin.action(description="Restore the selected posts")
    def restore(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        self._decide(request, queryset, Decision.Act.RESTORE, "restored")

    def _decide(self, request: HttpRequest, posts: QuerySet[Post], act: str, done: str) -> None:
        by = signed_in(request)
        reason = request.POST.get("reason", "")
        count = 0
        for post in posts:
            try:
                decide_post(post_id=post.id, by=by, act=act, reason=reason)
            except Refusal as refusal:
                self.message_user(request, f"{post.id}: {refusal.message}", messages.ERROR)
                continue
            self.log_change(request, post, f"{done}: {reason}" if reason else done)
            count += 1
        if count:
            self.message_user(
                request, f"{count} {'post was' if count == 1 else 'posts were'} {done}.", messages.SUCCESS
            )


@admin.register(WordRule)
class WordRuleAdmin(admin.ModelAdmin[WordRule]):
    form = WordRuleForm
    list_display = ("pattern", "category", "action", "active", "note", "created_at")
    list_filter = ("action", "category", "active")
    search_fields = ("pattern", "note")

    def save_model(self, request: HttpRequest, obj: WordRule, form: WordRuleForm, change: bool) -> None:
        written = write_word_rule(
            by=signed_in(request),
            rule=WordRule.objects.get(pk=obj.pk) if change else None,
            **form.cleaned_data,
        )
        obj.pk = written.pk

    def delete_model(self, request: HttpRequest, obj: WordRule) -> None:
        delete_word_rule(rule=obj, by=signed_in(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WordRule]) -> None:
        for rule in queryset:
            delete_word_rule(rule=rule, by=signed_in(request))


@admin.register(BuiltInRuleChange)
class BuiltInRuleChangeAdmin(ReadOnlyAdmin):
    list_display = ("key", "active", "action", "changed_by", "changed_at")
    list_filter = ("active", "action")
    list_select_related = ("changed_by",)
    search_fields = ("key", "exceptions")
    raw_id_fields = ("changed_by",)


@admin.register(TrendReview)
class TrendReviewAdmin(ReadOnlyAdmin):
    list_display = ("id", "tag", "post_id", "state", "people", "opened_at", "decided_by", "decided_at")
    list_filter = ("state",)
    list_select_related = ("tag", "decided_by")
    search_fields = ("=id", "=post__id", "tag__name")
    raw_id_fields = ("tag", "post", "decided_by")


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "reporter", "rule", "created_at", "outcome", "decided_at")
    list_filter = ("outcome", "rule")
    search_fields = ("=id", "=post__id", "reporter__username", "comment")
    list_select_related = ("reporter",)
    raw_id_fields = ("post", "reporter", "decision")


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
        "withheld",
        "fault_text",
        "created_at",
        "decided_at",
    )
    list_filter = ("state", "safe", "category")
    search_fields = ("=id", "=post__id", "reason", "decided_by")
    raw_id_fields = ("post",)
    exclude = ("reason", "fault")
    readonly_fields = ("reason_text", "fault_text")


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "post_id", "reason", "urgency", "reports_count", "opened_at", "closed_at")
    list_filter = ("reason",)
    search_fields = ("=id", "=post__id")
    raw_id_fields = ("post",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "decided_by", "act", "post_id", "author", "rule", "reason_text")
    exclude = ("reason",)
    readonly_fields = ("reason_text",)
    list_filter = ("act",)
    search_fields = ("=id", "=post__id", "decided_by", "author__username", "reason")
    list_select_related = ("author",)
    raw_id_fields = ("post", "author", "by")
