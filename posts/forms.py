from django import forms

from core.idempotency import key_of_form
from core.ids import MAX_ID
from posts.models import Post
from posts.options import PostOptions


class PostForm(forms.Form):
    """The fields of the composer. posts.actions validates the text."""

    # Not required and not stripped here: the action cleans the text and words the error.
    text = forms.CharField(required=False, strip=False)
    in_reply_to = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    visibility = forms.ChoiceField(required=False, choices=Post.Visibility.choices)
    content_warning = forms.CharField(required=False)
    sensitive = forms.BooleanField(required=False)
    reply_policy = forms.ChoiceField(required=False, choices=Post.ReplyPolicy.choices)
    quote_policy = forms.ChoiceField(required=False, choices=Post.QuotePolicy.choices)
    idempotency_key = forms.CharField(required=False, max_length=64)

    @property
    def options(self) -> PostOptions:
        return PostOptions.of(self.cleaned_data)

    @property
    def key(self) -> str | None:
        return key_of_form(self.cleaned_data["idempotency_key"], self.cleaned_data["text"])
