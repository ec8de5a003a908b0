from django import forms

from social.models import LIST_TITLE_MAX, List


class ListForm(forms.Form):
    """A list's settings. What a title may be is known to social.actions.lists."""

    title = forms.CharField(
        max_length=LIST_TITLE_MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-counter-max": LIST_TITLE_MAX, "dir": "auto"}
        ),
    )
    replies = forms.ChoiceField(
        label="Replies to show",
        choices=List.Replies.choices,
        initial=List.Replies.LIST,
        widget=forms.RadioSelect,
    )
    is_exclusive = forms.BooleanField(
        label="Keep these people out of home",
        required=False,
        help_text="What they write is then here and on their profiles, not on your home page.",
    )

    @classmethod
    def of(cls, list_: List) -> "ListForm":
        return cls(
            initial={"title": list_.title, "replies": list_.replies, "is_exclusive": list_.is_exclusive}
        )
