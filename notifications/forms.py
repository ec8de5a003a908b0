from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.models import FromWhom, NotificationKind

ABOUT = {
    NotificationKind.LIKE: (_("Likes"), _("Someone likes your post")),
    NotificationKind.REPOST: (_("Reposts"), _("Someone reposts your post")),
    NotificationKind.REPLY: (_("Replies"), _("Someone replies to you")),
    NotificationKind.QUOTE: (_("Quotes"), _("Someone quotes your post")),
    NotificationKind.MENTION: (_("Mentions"), _("Someone mentions you")),
    NotificationKind.FOLLOW: (_("New followers"), _("Someone follows you")),
    NotificationKind.FOLLOW_REQUEST: (
        _("Follow requests"),
        _("Someone requests to follow you. You’ll find requests under Follow requests either way"),
    ),
    NotificationKind.FOLLOW_ACCEPTED: (
        _("Accepted requests"),
        _("Someone accepts your follow request"),
    ),
    NotificationKind.DECISION: (
        _("Decisions about your posts"),
        _("Your post is held, approved, removed or restored"),
    ),
    NotificationKind.POLL: (_("Polls"), _("A poll that you created or voted in ends")),
    NotificationKind.REVOTE: (
        _("Changed polls"),
        _("The options change in a poll you voted in, so you can vote again"),
    ),
    NotificationKind.REPORT: (_("Your reports"), _("Moderators decide about a post you reported")),
    NotificationKind.UNSENT: (_("Scheduled posts"), _("A scheduled post couldn’t be sent")),
}
"""What each kind is called in the settings, and when it happens."""
WITHOUT_FROM_WHOM = {
    NotificationKind.FOLLOW_ACCEPTED,
    NotificationKind.DECISION,
    NotificationKind.REPORT,
    NotificationKind.POLL,
    NotificationKind.REVOTE,
    NotificationKind.UNSENT,
}
"""Kinds without a choice of whom they come from: people the member requested to follow, moderators, polls the member
voted in, and the member’s own scheduled posts.
"""


class PreferencesForm(forms.Form):
    """For each kind: whether to notify, and about whom."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NotificationKind:
            self.fields[f"{kind}_in_page"] = forms.BooleanField(required=False)
            self.fields[f"{kind}_from"] = forms.ChoiceField(choices=FromWhom.choices, required=False)

    def choice_for(self, kind: NotificationKind) -> dict[str, Any]:
        from_whom = self.cleaned_data[f"{kind}_from"]
        return {
            "in_page": self.cleaned_data[f"{kind}_in_page"],
            "from_whom": FromWhom(from_whom) if from_whom else None,
        }
