from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _

from core.api import as_id
from core.idempotency import key_of_form
from core.ids import MAX_ID
from core.refusals import Invalid, Refusal
from core.text import is_blank
from posts.models import Poll, Post
from posts.options import PostContent, PostOptions

OF_EACH_POST = ("visibility", "content_warning", "sensitive", "language", "reply_policy", "quote_policy")
"""The options that a thread's form chooses once for all of its posts."""


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
            raise forms.ValidationError(_("This isn’t an ID.")) from None


class PostFields(forms.Form):
    """The fields that a post is written and edited with. posts.actions validates the text."""

    # Not required and not stripped here: the action cleans the text and words the error.
    text = forms.CharField(required=False, strip=False)
    content_warning = forms.CharField(required=False)
    sensitive = forms.BooleanField(required=False)
    language = forms.CharField(required=False, max_length=12)
    media = Ids(required=False)  # type: ignore[assignment]  # The name of a property of forms, which we don’t use.
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


class PostForm(PostFields):
    """The fields of the composer."""

    in_reply_to = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    quote_of = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    visibility = forms.ChoiceField(required=False, choices=Post.Visibility.choices)
    reply_policy = forms.ChoiceField(required=False, choices=Post.ReplyPolicy.choices)
    quote_policy = forms.ChoiceField(required=False, choices=Post.QuotePolicy.choices)
    scheduled_at = forms.CharField(required=False, max_length=40)
    # Of the reader's time zone, in minutes.
    utc_offset = forms.IntegerField(required=False, min_value=-18 * 60, max_value=18 * 60)
    # The further posts of a thread, in order; the rest of the form is about the first one.
    thread_text = TextsField(required=False)
    # Buttons besides the one that sends.
    add_post = forms.CharField(required=False, max_length=10)
    save_draft = forms.CharField(required=False, max_length=10)
    schedule = forms.CharField(required=False, max_length=10)
    idempotency_key = forms.CharField(required=False, max_length=64)

    @property
    def options(self) -> PostOptions:
        return PostOptions.of({**self.cleaned_data, "poll": self.poll})

    @property
    def contents(self) -> list[PostContent]:
        """Return the posts of the thread: the first one, and each further one with a text. Who sees, answers and
        quotes them is chosen for all.
        """
        shared = {name: self.cleaned_data.get(name) for name in OF_EACH_POST}
        others = [text for text in self.cleaned_data["thread_text"] if not is_blank(text)]
        return [
            PostContent(text=self.cleaned_data["text"], options=self.options),
            *(PostContent(text=text, options=PostOptions.of(shared)) for text in others),
        ]

    @property
    def time(self) -> datetime | None:
        """Return when to send it. <input type="datetime-local"> sends no time zone: it is the reader's if a script said
        it, else UTC. Raises Invalid.
        """
        given = self.cleaned_data["scheduled_at"]
        if not given and not self.cleaned_data["schedule"]:
            return None
        try:
            at = parse_datetime(given)
            if at is not None and not is_aware(at):
                at = at.replace(tzinfo=UTC) - timedelta(minutes=self.cleaned_data["utc_offset"] or 0)
        except (ValueError, OverflowError):
            at = None
        if at is None:
            sentence = _("Enter a date and time.")
            raise Invalid(sentence, fields={"scheduled_at": [sentence]})
        return at

    @property
    def key(self) -> str | None:
        texts = [self.cleaned_data["text"], *self.cleaned_data["thread_text"]]
        return key_of_form(self.cleaned_data["idempotency_key"], "\n".join(texts))


class EditForm(PostFields):
    """The fields of the form with which a post is edited. What a form leaves out stays as it is."""

    media_alts = TextsField(required=False)

    @property
    def changes(self) -> dict[str, Any]:
        """The arguments of posts.actions.edit_post that the form gives."""
        names = ("text", "content_warning", "sensitive", "language", "media", "media_alts")
        given = {name: self.cleaned_data[name] for name in names if name in self.data}
        return given | ({"poll": self.poll} if "poll_option" in self.data else {})
