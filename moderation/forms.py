from django import forms
from django.core.exceptions import ValidationError

from core.refusals import Invalid
from moderation.actions.word_rules import checked_pattern
from moderation.models import Category, WordRule


class ReportForm(forms.Form):
    """The fields of a report; moderation.actions.report_post has the rules."""

    rule = forms.CharField(required=False, max_length=40)
    words = forms.CharField(required=False, strip=False)


class DecisionForm(forms.Form):
    """The fields of a decision; moderation.actions.decide_post has the rules."""

    act = forms.CharField(max_length=10)
    rule = forms.CharField(required=False, max_length=40)
    reason = forms.CharField(required=False)
    seen = forms.CharField(max_length=80)


class SignupDecisionForm(forms.Form):
    """The fields of a decision about a sign-up request; accounts.actions has the rules."""

    act = forms.ChoiceField(choices=[("approve", "Let in"), ("refuse", "Refuse")])
    words = forms.CharField(required=False)


class TrendDecisionForm(forms.Form):
    """The fields of a decision about trends; moderation.actions.decide_trend has the rules."""

    act = forms.CharField(max_length=10)
    seen = forms.CharField(max_length=10)


class HideTagForm(forms.Form):
    tag = forms.CharField(max_length=200)


class WordRuleFields(forms.Form):
    """The fields of a word rule; moderation.actions.write_word_rule has the rules."""

    pattern = forms.CharField(required=False)
    category = forms.CharField(required=False)
    action = forms.CharField(required=False)
    active = forms.BooleanField(required=False)
    note = forms.CharField(required=False)


class BuiltInRuleForm(forms.Form):
    """The settings of a built-in rule; moderation.actions.change_built_in_rule has the rules."""

    active = forms.BooleanField(required=False)
    action = forms.CharField(required=False)
    exceptions = forms.CharField(required=False, strip=False)
    reset = forms.BooleanField(required=False)


class WordRuleForm(forms.ModelForm[WordRule]):
    """For the admin; moderation.actions.write_word_rule writes."""

    category = forms.ChoiceField(
        choices=[choice for choice in Category.choices if choice[0] != Category.NONE]
    )

    class Meta:
        model = WordRule
        fields = ("pattern", "category", "action", "active", "note")

    def clean_pattern(self) -> str:
        try:
            return checked_pattern(self.cleaned_data["pattern"])
        except Invalid as refusal:
            raise ValidationError(refusal.message) from refusal
