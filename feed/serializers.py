from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Member, SignupMode
from accounts.serializers import MemberOut
from core.api import Id, Input, paged
from feed.actions.tracking import MAX_EVENTS
from feed.models import Interaction, Suggestion
from social.serializers import MemberWithRelationsOut


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
    """One or more events; a single one may be sent without `events`."""

    events = SeenIn(many=True, max_length=MAX_EVENTS, help_text=f"At most {MAX_EVENTS}.")  # type: ignore[call-arg]


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
    user = MemberWithRelationsOut()
    reason = ReasonOut()


SuggestionPage = paged("Suggestion", SuggestionOut)


class StewardOut(MemberOut):
    """Someone who runs the site."""

    role = serializers.SerializerMethodField()

    class Meta(MemberOut.Meta):
        fields = (*MemberOut.Meta.fields, "role")  # type: ignore[assignment]

    @extend_schema_field(serializers.ChoiceField([("admin", "Admin"), ("moderator", "Moderator")]))
    def get_role(self, member: Member) -> str:
        return "admin" if member.is_staff else "moderator"


class PlaceCountsOut(serializers.Serializer[Any]):
    members = serializers.IntegerField()
    posts = serializers.IntegerField(help_text="Public ones.")


class PlaceRuleOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()


class PlaceLimitsOut(serializers.Serializer[Any]):
    post_max_length = serializers.IntegerField()
    upload_max_bytes = serializers.IntegerField()


class PlaceSignupOut(serializers.Serializer[Any]):
    mode = serializers.ChoiceField([(mode.value, mode.value) for mode in SignupMode])
    email_verification = serializers.ChoiceField(
        [("mandatory", "Before signing in"), ("optional", "Whenever they like"), ("none", "Never")]
    )


class PlaceLanguageOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class InstanceOut(serializers.Serializer[Any]):
    """The site: what the about page shows, and what an app needs to know before sign-in."""

    name = serializers.CharField(source="place.name")
    tagline = serializers.CharField(source="place.tagline")
    url = serializers.CharField(source="place.url")
    operator = serializers.CharField(
        source="place.operator", help_text="Who answers for the place; may be empty."
    )
    contact_email = serializers.CharField(source="place.contact_email", help_text="May be empty.")
    rules = PlaceRuleOut(source="place.rules", many=True)
    stewards = StewardOut(source="place.stewards", many=True, help_text="Its admins and moderators.")
    counts = PlaceCountsOut(source="place.counts", help_text="Up to five minutes old.")
    limits = PlaceLimitsOut()
    signup = PlaceSignupOut()
    languages = PlaceLanguageOut(many=True)
