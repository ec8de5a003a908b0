from django import forms
from django.core.exceptions import ValidationError

from core.refusals import Invalid
from moderation.actions.word_rules import checked_pattern
from moderation.models import Category, WordRule


class ReportForm(forms.Form):
    """The shape of a report; moderation.actions.report_post holds the rules."""

    rule = forms.CharField(required=False, max_length=40)
    words = forms.CharField(required=False, strip=False)


class DecisionForm(forms.Form):
    """The shape of a decision; moderation.actions.decide_post holds the rules."""

    act = forms.CharField(max_length=10)
    rule = forms.CharField(required=False, max_length=40)
    reason = forms.CharField(required=False)
    seen = forms.CharField(max_length=80)


class SignupDecisionForm(forms.Form):
    """The shape of a decision on somebody who asks to join; accounts.actions hold the rules."""

    act = forms.ChoiceField(choices=[("approve", "Let in"), ("refuse", "Refuse")])
    words = forms.CharField(required=False)


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
