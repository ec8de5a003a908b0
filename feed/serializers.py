from typing import Any

from rest_framework import serializers

from core.api import Id, Input, paged
from feed.actions.tracking import MOST_AT_ONCE
from feed.models import Interaction, Suggestion
from social.api import PersonOut


class SeenIn(Input):
    """One thing that happened to a post on the member's screen."""

    id = serializers.RegexField(
        r"^[A-Za-z0-9_-]{8,36}$", help_text="Chosen by the app; the same id counts once."
    )
    post = Id()
    kind = serializers.ChoiceField(Interaction.Kind.choices)
    source = serializers.CharField(max_length=20, required=False, allow_blank=True)  # type: ignore[assignment]
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    dwell_ms = serializers.IntegerField(min_value=0, max_value=3_600_000, required=False)
    at = serializers.DateTimeField(required=False)


class TrackIn(Input):
    """One or many; a lone event may be sent without `events` around it."""

    events = SeenIn(many=True, max_length=MOST_AT_ONCE, help_text=f"At most {MOST_AT_ONCE}.")  # type: ignore[call-arg]


class TrackOut(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()


class TrendOut(serializers.Serializer[Any]):
    tag = serializers.CharField(help_text="As people write it.")
    name = serializers.CharField(help_text="Folded: #Ana and #ana are one.")
    people = serializers.IntegerField()
    url = serializers.CharField()


class ReasonOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Suggestion.Reason.choices, source="reason")
    text = serializers.CharField(help_text="In plain words: Followed by Ana and 3 others you follow.")


class SuggestionOut(serializers.Serializer[Any]):
    user = PersonOut()
    reason = ReasonOut()


SuggestionPage = paged("Suggestion", SuggestionOut)
