"""The serializers of moderation."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import MemberOut
from core.api import Id, Input
from core.translatable import translate_stored
from media.serializers import AttachmentOut
from moderation.models import EXCEPTIONS_MAX, PATTERN_MAX, Case, Category, Decision, Report, Review, WordRule
from moderation.queries import QueueItem
from posts.models import Post
from posts.serializers import PostOut

# --- For members ---------------------------------------------------------------------------------------------------


class ReportIn(Input):
    rule = serializers.CharField(max_length=40, help_text="The id of a rule, or other.")
    words = serializers.CharField(
        source="comment", required=False, allow_blank=True, default="", trim_whitespace=False
    )


class ReportOut(serializers.Serializer[Any]):
    new = serializers.BooleanField(help_text="False when a report of yours about this post waits already.")


class RuleOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()


class OwnReportOut(serializers.ModelSerializer[Report]):
    """One of the member’s own reports, and its outcome."""

    id = Id(read_only=True)
    post = serializers.SerializerMethodField(help_text="Null when it is not there for you any more.")
    rule_title = serializers.CharField(read_only=True)
    words = serializers.CharField(source="comment", read_only=True)

    class Meta:
        model = Report
        fields = ("id", "post", "rule", "rule_title", "words", "created_at", "outcome", "decided_at")

    def get_post(self, report: Report) -> str | None:
        return str(report.post_id) if report.shown is not None else None


class DeciderOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        [
            ("member", "A moderator"),
            ("rules", "Rules"),
            ("classifier", "Local review"),
            ("claude", "A model"),
        ],
        source="decider_kind",
    )
    name = serializers.CharField(source="decider", help_text="For people to read; of moderators no name.")


class OwnDecisionOut(serializers.ModelSerializer[Decision]):
    """A decision about one of the member’s own posts."""

    id = Id(read_only=True)
    post = serializers.SerializerMethodField(help_text="Null when the post is gone.")
    decided_by = DeciderOut(source="*", read_only=True)
    rule_title = serializers.CharField(read_only=True)
    reason = serializers.CharField(source="reason_text", read_only=True)
    words = serializers.CharField(source="post_text", read_only=True, help_text="What the post said then.")

    class Meta:
        model = Decision
        fields = ("id", "act", "post", "decided_by", "rule", "rule_title", "reason", "words", "at")

    def get_post(self, decision: Decision) -> str | None:
        there = decision.post is not None and decision.post.state != Post.State.DELETED
        return str(decision.post_id) if there else None


# --- For moderators --------------------------------------------------------------------------------------------------


class CountsOut(serializers.Serializer[Any]):
    """How much is waiting in each tab."""

    waiting = serializers.IntegerField()
    reports = serializers.IntegerField()
    new = serializers.IntegerField()
    signups = serializers.IntegerField()
    trends = serializers.IntegerField()


class CasePostOut(serializers.ModelSerializer[Post]):
    """A post as moderators see it, in any state."""

    id = Id(read_only=True)
    author = MemberOut(read_only=True)
    in_reply_to = Id(source="in_reply_to_id", allow_null=True, read_only=True)
    quote_of = Id(source="quote_of_id", allow_null=True, read_only=True)
    state_reason = serializers.SerializerMethodField(help_text="What its author reads.")

    class Meta:
        model = Post
        fields = (
            "id",
            "author",
            "content_warning",
            "sensitive",
            "text",
            "html",
            "language",
            "in_reply_to",
            "quote_of",
            "state",
            "state_reason",
            "created_at",
            "edited_at",
        )

    def get_state_reason(self, post: Post) -> str:
        return translate_stored(post.state_reason)


class CaseReportOut(serializers.ModelSerializer[Report]):
    """A report as moderators see it."""

    id = Id(read_only=True)
    post = Id(source="post_id", read_only=True)
    reporter = MemberOut(read_only=True)
    rule_title = serializers.CharField(read_only=True)
    words = serializers.CharField(source="comment", read_only=True)

    class Meta:
        model = Report
        fields = (
            "id",
            "post",
            "reporter",
            "rule",
            "rule_title",
            "words",
            "created_at",
            "outcome",
            "decided_at",
        )


class ReviewOut(serializers.ModelSerializer[Review]):
    """What the automatic review found."""

    id = Id(read_only=True)
    decided_by = serializers.CharField(source="by_name", read_only=True)
    reason = serializers.CharField(source="reason_text", read_only=True)
    fault = serializers.CharField(source="fault_text", read_only=True)
    withheld = serializers.BooleanField(read_only=True)

    class Meta:
        model = Review
        fields = (
            "id",
            "state",
            "safe",
            "category",
            "confidence",
            "reason",
            "decided_by",
            "fault",
            "withheld",
            "attempts",
            "created_at",
            "decided_at",
        )


class DecisionOut(serializers.ModelSerializer[Decision]):
    """An entry of the decision log."""

    id = Id(read_only=True)
    decided_by = serializers.CharField(source="by_name", read_only=True)
    by_person = serializers.SerializerMethodField()
    post = Id(source="post_id", allow_null=True, read_only=True)
    author = MemberOut(read_only=True, allow_null=True)
    rule_title = serializers.CharField(read_only=True)
    reason = serializers.CharField(source="reason_text", read_only=True)
    words = serializers.CharField(source="post_text", read_only=True)

    class Meta:
        model = Decision
        fields = (
            "id",
            "act",
            "decided_by",
            "by_person",
            "post",
            "author",
            "rule",
            "rule_title",
            "reason",
            "words",
            "at",
        )

    def get_by_person(self, decision: Decision) -> bool:
        return decision.decider_kind == "member"


class CaseOut(serializers.Serializer[Any]):
    """A post in the queue, with what is needed to decide about it."""

    post = CasePostOut()
    media = serializers.SerializerMethodField(
        help_text="The post's pictures, or its video or sound, in order."
    )
    open = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()
    level = serializers.SerializerMethodField()
    opened_at = serializers.SerializerMethodField()
    reports = CaseReportOut(many=True, help_text="The open ones.")
    review = ReviewOut(allow_null=True)
    last_decision = DecisionOut(allow_null=True)
    author_decisions = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="What people decided about the author's posts: act → how often.",
    )
    acts = serializers.ListField(child=serializers.ChoiceField(Decision.Act.choices))
    likely_rule = serializers.CharField()
    seen = serializers.CharField(help_text="Goes with the decision: what it is taken upon.")

    @extend_schema_field(AttachmentOut(many=True))
    def get_media(self, item: QueueItem) -> Any:
        return AttachmentOut(item.marks.media.get(item.post.id, []), many=True).data

    def get_open(self, item: QueueItem) -> bool:
        return item.case is not None

    @extend_schema_field(serializers.ChoiceField(Case.Reason.choices, allow_null=True))
    def get_why(self, item: QueueItem) -> str | None:
        return item.case.reason if item.case else None

    @extend_schema_field(
        serializers.ChoiceField([("high", "High"), ("medium", "Medium"), ("low", "Low")], allow_null=True)
    )
    def get_level(self, item: QueueItem) -> str | None:
        return item.case.level if item.case else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_opened_at(self, item: QueueItem) -> Any:
        return item.case.opened_at if item.case else None


class HistoryOut(serializers.Serializer[Any]):
    """One post with its decisions, reports and reviews, newest first."""

    case = CaseOut()
    decisions = DecisionOut(many=True, source="history.decisions")
    reports = CaseReportOut(many=True, source="history.reports")
    reviews = ReviewOut(many=True, source="history.reviews")


class CaseDecisionIn(Input):
    act = serializers.CharField(max_length=10, help_text="One of the case's acts.")
    rule = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Needed to remove: the author reads it."
    )
    seen = serializers.CharField(max_length=80, help_text="`seen` of the case that was looked at.")


class TrendReviewOut(serializers.Serializer[Any]):
    """A hashtag or post whose trending a moderator decides about."""

    id = Id(source="review.id")
    state = serializers.CharField(source="review.state", help_text="waiting, allowed or hidden.")
    tag = serializers.CharField(source="review.tag.label", allow_null=True, default=None)
    post = Id(source="review.post_id", allow_null=True)
    people = serializers.IntegerField(source="review.people")
    opened_at = serializers.DateTimeField(source="review.opened_at")
    decided_at = serializers.DateTimeField(source="review.decided_at", allow_null=True)
    decided_by = MemberOut(source="review.decided_by", allow_null=True)
    examples = CasePostOut(many=True, help_text="Some of the public posts behind it.")
    acts = serializers.ListField(child=serializers.CharField())


class TrendDecisionIn(Input):
    act = serializers.ChoiceField([("allow", "Let it trend"), ("hide", "Keep it out")])
    seen = serializers.CharField(
        max_length=10, required=False, help_text="The state that was looked at: 409 when it is another now."
    )


class HideTagIn(Input):
    tag = serializers.CharField(max_length=200)


class WordRuleOut(serializers.ModelSerializer[WordRule]):
    id = Id(read_only=True)

    class Meta:
        model = WordRule
        fields = ("id", "pattern", "category", "action", "active", "note", "created_at")


class WordRuleIn(Input):
    pattern = serializers.CharField(
        max_length=PATTERN_MAX * 2,
        help_text="One word or several in a row; a * at the end of a word stands for any ending.",
    )
    category = serializers.ChoiceField(Category.choices, required=False, help_text="Any but none.")
    action = serializers.ChoiceField(WordRule.Action.choices, required=False)
    active = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class WordRuleChangeIn(WordRuleIn):
    """What is given changes, the rest stays."""

    pattern = serializers.CharField(max_length=PATTERN_MAX * 2, required=False)


class TrialOut(serializers.Serializer[Any]):
    looked_at = serializers.IntegerField(help_text="How many posts were compared, at most 5000.")
    found = serializers.IntegerField()
    examples = PostOut(many=True, help_text="Up to ten, newest first.")


class BuiltInRuleOut(serializers.Serializer[Any]):
    key = serializers.CharField(source="rule.key")
    language = serializers.CharField(source="rule.language")
    title = serializers.CharField(source="rule.title")
    category = serializers.ChoiceField(Category.choices, source="rule.category")
    active = serializers.BooleanField()
    action = serializers.ChoiceField(WordRule.Action.choices)
    shipped_action = serializers.ChoiceField(WordRule.Action.choices, source="rule.action")
    exceptions = serializers.CharField(source="written", help_text="One to a line.")
    changed = serializers.BooleanField(help_text="Whether it is set otherwise than shipped.")
    version = serializers.IntegerField(source="rule.version")


class BuiltInRuleIn(Input):
    """What is given changes, the rest stays."""

    active = serializers.BooleanField(required=False)
    action = serializers.ChoiceField(WordRule.Action.choices, required=False)
    exceptions = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=EXCEPTIONS_MAX
    )
