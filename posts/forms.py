from typing import Any

from django import forms

from core.api import as_id
from core.idempotency import key_of_form
from core.ids import MAX_ID
from core.refusals import Refusal
from core.text import is_blank
from posts.models import Poll, Post
from posts.options import PostOptions


class VoteForm(forms.Form):
    """The choices of a poll: check boxes, or radio buttons of the same name."""

    choices = forms.TypedMultipleChoiceField(
        required=False, coerce=int, choices=[(index, index) for index in range(Poll.OPTIONS_MAX)]
    )


class TextsField(forms.MultipleChoiceField):
    """Texts that are sent under one name, in any number."""

    def valid_value(self, value: str) -> bool:
        return True


class Ids(forms.Field):
    """A field that may be repeated. An empty one counts for nothing, so that a form can say “none”."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        try:
            return [as_id(one) for one in value or () if one]
        except Refusal:
            raise forms.ValidationError("not an id") from None


class PollFields(forms.Form):
    """The fields of a poll."""

    poll_option = TextsField(required=False)
    poll_multiple = forms.BooleanField(required=False)
    poll_expires_in = forms.IntegerField(required=False)
    poll_hide_results = forms.BooleanField(required=False)

    @property
    def poll(self) -> dict[str, Any] | None:
        """The poll as in the REST API, without options that were left empty; None if all were."""
        given = self.cleaned_data
        options = [text for text in given["poll_option"] if not is_blank(text)]
        if not options:
            return None
        return {
            "options": options,
            "multiple": given["poll_multiple"],
            "expires_in": given["poll_expires_in"],
            "hide_results": given["poll_hide_results"],
        }


class PostForm(PollFields):
    """The fields of the composer. posts.actions validates the text."""

    # Not required and not stripped here: the action cleans the text and words the error.
    text = forms.CharField(required=False, strip=False)
    in_reply_to = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    visibility = forms.ChoiceField(required=False, choices=Post.Visibility.choices)
    content_warning = forms.CharField(required=False)
    sensitive = forms.BooleanField(required=False)
    language = forms.CharField(required=False, max_length=12)
    reply_policy = forms.ChoiceField(required=False, choices=Post.ReplyPolicy.choices)
    quote_policy = forms.ChoiceField(required=False, choices=Post.QuotePolicy.choices)
    media = Ids(required=False)  # type: ignore[assignment]  # The name of a property of forms, which we don’t use.
    idempotency_key = forms.CharField(required=False, max_length=64)

    @property
    def options(self) -> PostOptions:
        return PostOptions.of({**self.cleaned_data, "poll": self.poll})

    @property
    def key(self) -> str | None:
        return key_of_form(self.cleaned_data["idempotency_key"], self.cleaned_data["text"])


class EditForm(PollFields):
    """The fields of the form with which a post is edited. What a form leaves out stays as it is."""

    text = forms.CharField(required=False, strip=False)
    content_warning = forms.CharField(required=False)
    sensitive = forms.BooleanField(required=False)
    language = forms.CharField(required=False, max_length=12)
    media = Ids(required=False)  # type: ignore[assignment]  # The name of a property of forms, which we don’t use.
    media_alts = TextsField(required=False)

    @property
    def changes(self) -> dict[str, Any]:
        """The arguments of posts.actions.edit_post that the form gives."""
        names = ("text", "content_warning", "sensitive", "language", "media", "media_alts")
        given = {name: self.cleaned_data[name] for name in names if name in self.data}
        return given | ({"poll": self.poll} if "poll_option" in self.data else {})
