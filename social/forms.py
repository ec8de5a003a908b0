from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from social.models import LIST_TITLE_MAX, MUTED_TEXT_MAX, List, MutedWord

DURATIONS = [
    ("3600", _("1 hour")),
    ("86400", _("1 day")),
    ("604800", _("7 days")),
    ("2592000", _("30 days")),
    ("", _("Until I unmute")),
]
KEEP = "keep"
PLACES = [
    ("home", _("Home, profiles, lists, hashtags and Explore")),
    ("notifications", _("Notifications")),
    ("threads", _("Replies, threads and messages")),
    ("search", _("Search results")),
]


def duration_in(form: forms.Form) -> timedelta | None:
    """Return the chosen duration; None for no end."""
    chosen = form.cleaned_data["duration"]
    return timedelta(seconds=int(chosen)) if chosen and chosen != KEEP else None


class ListForm(forms.Form):
    """A list's settings. social.actions.lists validates the title."""

    title = forms.CharField(
        label=_("Title"),
        max_length=LIST_TITLE_MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-counter-max": LIST_TITLE_MAX, "dir": "auto"}
        ),
    )
    replies = forms.ChoiceField(
        label=_("Replies to show"),
        choices=List.Replies.choices,
        initial=List.Replies.LIST,
        widget=forms.RadioSelect,
    )
    is_exclusive = forms.BooleanField(
        label=_("Hide these people from Home"),
        required=False,
        help_text=_("You’ll see their posts here and on their profiles, but not in your home feed."),
    )

    @classmethod
    def of(cls, list_: List) -> "ListForm":
        return cls(
            initial={"title": list_.title, "replies": list_.replies, "is_exclusive": list_.is_exclusive}
        )


class MuteForm(forms.Form):
    duration = forms.ChoiceField(
        label=_("For how long"), choices=DURATIONS, required=False, initial="", widget=forms.RadioSelect
    )
    notifications = forms.BooleanField(
        label=_("Also mute their notifications and messages"),
        required=False,
        initial=True,
        help_text=_(
            "You won’t get notifications from them. Their messages stay in your inbox without a badge."
        ),
    )


class MutedWordForm(forms.Form):
    """A muted word. social.actions.muted_words validates the text."""

    text = forms.CharField(
        label=_("Word, phrase or #hashtag"),
        help_text=_(
            "A #hashtag matches only that hashtag. A word matches the whole word, whatever its "
            "capitals and accents."
        ),
        error_messages={"required": _("Enter a word, phrase or #hashtag.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "data-counter-max": MUTED_TEXT_MAX,
                "dir": "auto",
            }
        ),
    )
    places = forms.MultipleChoiceField(
        label=_("Where"),
        choices=PLACES,
        initial=[place for place, label in PLACES],
        error_messages={"required": _("Choose at least one place to mute it.")},
        widget=forms.CheckboxSelectMultiple,
    )
    act = forms.ChoiceField(
        label=_("What happens to posts"),
        choices=MutedWord.Action.choices,
        initial=MutedWord.Action.HIDE,
        widget=forms.RadioSelect,
    )
    duration = forms.ChoiceField(label=_("For how long"), choices=DURATIONS, required=False, initial="")

    @classmethod
    def of(cls, word: MutedWord, data: Any = None) -> "MutedWordForm":
        """Return the form for editing a word. It keeps its end unless another duration is chosen."""
        given = {"text": word.text, "places": word.places, "act": word.act, "duration": KEEP}
        form = cls(data, initial=given)
        if word.until is not None:
            form.fields["duration"].choices = [(KEEP, _("No change")), *DURATIONS]  # type: ignore[attr-defined]
        else:
            form.initial["duration"] = ""
        return form


class PrivacyForm(forms.Form):
    """Who can see a member's posts, message them and find them."""

    private = forms.BooleanField(required=False)
    may_write = forms.ChoiceField(choices=Member.Writers.choices, widget=forms.RadioSelect)
    discoverable = forms.BooleanField(required=False)

    @classmethod
    def of(cls, member: Member) -> "PrivacyForm":
        return cls(
            initial={
                "private": member.is_private,
                "may_write": member.may_write,
                "discoverable": member.is_discoverable,
            }
        )
