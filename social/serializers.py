from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from accounts.models import Member
from accounts.serializers import MemberOut, ProfileOut
from core.api import Id, Input, paged
from social.actions.muted_words import PLACES
from social.models import List, Mute, MutedWord
from social.queries import relations_of

SECONDS_MAX = 10**9


class MemberDetailOut(ProfileOut):
    """A member with their profile and the viewer's relations to them. The context needs `relations` and `mute` too."""

    following = serializers.SerializerMethodField(help_text="You follow them.")
    follows_you = serializers.SerializerMethodField()
    showing_reposts = serializers.SerializerMethodField(
        help_text="You follow them, and their reposts appear in your home feed."
    )
    requested = serializers.SerializerMethodField(help_text="You have sent them a follow request.")
    asking = serializers.SerializerMethodField(help_text="They have sent you a follow request.")
    blocking = serializers.SerializerMethodField(help_text="You have blocked them.")
    muting = serializers.SerializerMethodField(help_text="You have muted them. They can’t tell.")
    muted_until = serializers.SerializerMethodField(
        help_text="Null if the mute has no end, and if they aren’t muted."
    )

    class Meta(ProfileOut.Meta):
        fields = (  # type: ignore[assignment]
            *ProfileOut.Meta.fields,
            "is_private",
            "following",
            "follows_you",
            "showing_reposts",
            "requested",
            "asking",
            "blocking",
            "muting",
            "muted_until",
        )

    def get_following(self, member: Member) -> bool:
        return member.pk in self.context["relations"].following

    def get_showing_reposts(self, member: Member) -> bool:
        relations = self.context["relations"]
        return member.pk in relations.following and member.pk not in relations.without_reposts

    def get_follows_you(self, member: Member) -> bool:
        return member.pk in self.context["relations"].followed_by

    def get_requested(self, member: Member) -> bool:
        return member.pk in self.context["relations"].requested

    def get_asking(self, member: Member) -> bool:
        return member.pk in self.context["relations"].asking

    def get_blocking(self, member: Member) -> bool:
        return member.pk in self.context["relations"].blocking

    def get_muting(self, member: Member) -> bool:
        return self.context["mute"] is not None

    def get_muted_until(self, member: Member) -> datetime | None:
        mute: Mute | None = self.context["mute"]
        return mute.until if mute else None


class MemberWithRelationsOut(MemberOut):
    following = serializers.SerializerMethodField()
    follows_you = serializers.SerializerMethodField()
    requested = serializers.SerializerMethodField(help_text="You have sent them a follow request.")
    asking = serializers.SerializerMethodField(help_text="They have sent you a follow request.")
    blocking = serializers.SerializerMethodField(help_text="You have blocked them.")
    get_following = MemberDetailOut.get_following
    get_follows_you = MemberDetailOut.get_follows_you
    get_requested = MemberDetailOut.get_requested
    get_asking = MemberDetailOut.get_asking
    get_blocking = MemberDetailOut.get_blocking

    class Meta(MemberOut.Meta):
        fields = (  # type: ignore[assignment]
            *MemberOut.Meta.fields,
            "is_private",
            "following",
            "follows_you",
            "requested",
            "asking",
            "blocking",
        )


MemberWithRelationsPage = paged("MemberWithRelations", MemberWithRelationsOut)


def serialize_members(members: Sequence[Member], viewer: Member | None) -> list[dict[str, Any]]:
    """Return members as JSON with the viewer's relations to them, in one more query."""
    relations = relations_of(viewer, [member.pk for member in members])
    data: Any = MemberWithRelationsOut(members, many=True, context={"relations": relations}).data
    return list(data)


class ApprovedOut(serializers.Serializer[Any]):
    approved = serializers.IntegerField(
        help_text="How many requests were approved. If there are very many, the rest follow shortly."
    )


class ListOut(serializers.ModelSerializer[List]):
    """A list with its `people_count`, for its owner."""

    id = Id(read_only=True)
    people_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = List
        fields = ("id", "title", "replies", "is_exclusive", "people_count", "created_at")


class ListIn(Input):
    title = serializers.CharField()
    replies = serializers.ChoiceField(choices=List.Replies.choices, required=False)
    is_exclusive = serializers.BooleanField(required=False)


class ListChangeIn(ListIn):
    title = serializers.CharField(required=False)


class ListMemberIn(Input):
    user = Id(help_text="The id of a member. You don’t need to follow them.")


class MuteIn(Input):
    duration = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=SECONDS_MAX,
        help_text="In seconds; null for no end.",
    )
    notifications = serializers.BooleanField(
        required=False, default=True, help_text="Also mute their notifications and messages."
    )


class MuteOut(serializers.ModelSerializer[Mute]):
    member = MemberOut(source="muted")
    notifications = serializers.BooleanField(source="with_notifications")

    class Meta:
        model = Mute
        fields = ("member", "until", "notifications", "created_at")


class MutedWordOut(serializers.ModelSerializer[MutedWord]):
    id = Id(read_only=True)
    places = serializers.ListField(child=serializers.ChoiceField(choices=PLACES))
    note = serializers.CharField(
        read_only=True,
        help_text="What it matches, in a sentence, if that differs from what was entered; else empty.",
    )

    class Meta:
        model = MutedWord
        fields = ("id", "text", "places", "act", "until", "note", "created_at")


class MutedWordIn(Input):
    text = serializers.CharField(help_text="A word, a phrase, a #tag or a @name.")
    places = serializers.ListField(
        child=serializers.ChoiceField(choices=PLACES),
        required=False,
        max_length=len(PLACES),
        help_text="All places, if omitted.",
    )
    act = serializers.ChoiceField(choices=MutedWord.Action.choices, required=False)
    duration = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=SECONDS_MAX,
        help_text="In seconds; null for no end.",
    )


class MutedWordChangeIn(MutedWordIn):
    text = serializers.CharField(required=False)
