from typing import Any

from rest_framework import serializers

from accounts.models import BIO_MAX, DISPLAY_NAME_MAX, Invite, Member
from core.api import Id, Input
from core.http import site_url


class MemberOut(serializers.ModelSerializer[Member]):
    """A member as others see them."""

    id = Id(read_only=True)
    name = serializers.CharField(read_only=True)
    avatar = serializers.CharField(source="avatar_url", read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Member
        fields = ("id", "username", "name", "avatar", "url", "is_verified", "is_simulated")


class ProfileOut(MemberOut):
    """A member's profile, as the viewer sees it."""

    # The context says whether the viewer `can_read_posts` of the member (social.queries.can_read_posts).
    cover = serializers.CharField(source="cover_url", read_only=True)
    posts_count = serializers.SerializerMethodField(
        help_text="Null for a private account that you don't follow: only its followers can see its posts."
    )

    class Meta(MemberOut.Meta):
        fields = (  # type: ignore[assignment]
            *MemberOut.Meta.fields,
            "display_name",
            "bio",
            "pronouns",
            "location",
            "website",
            "cover",
            "joined_at",
            "followers_count",
            "following_count",
            "posts_count",
        )
        extra_kwargs = {
            "followers_count": {"help_text": "Accounts that are open."},
            "following_count": {"help_text": "Accounts that are open."},
        }

    def get_posts_count(self, member: Member) -> int | None:
        return member.posts_count if self.context["can_read_posts"] else None


class OwnProfileOut(ProfileOut):
    """The member's own profile, with what only they see."""

    posts_count = serializers.IntegerField(read_only=True)  # type: ignore[assignment]

    class Meta(ProfileOut.Meta):
        fields = (*ProfileOut.Meta.fields, "email", "is_moderator", "theme")  # type: ignore[assignment]


class ProfileIn(Input):
    display_name = serializers.CharField(max_length=DISPLAY_NAME_MAX, required=False, allow_blank=True)
    bio = serializers.CharField(max_length=BIO_MAX, required=False, allow_blank=True)
    pronouns = serializers.CharField(max_length=40, required=False, allow_blank=True)
    location = serializers.CharField(max_length=100, required=False, allow_blank=True)
    website = serializers.CharField(max_length=200, required=False, allow_blank=True)


class TopicOut(serializers.Serializer[Any]):
    """A topic that members can be interested in, and the hashtags of posts about it."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    tags = serializers.ListField(child=serializers.CharField())


class InterestsIn(Input):
    topics = serializers.ListField(
        child=serializers.CharField(max_length=30), max_length=100, help_text="The keys of all topics chosen."
    )


class PictureIn(Input):
    picture = serializers.FileField()


class InviteIn(Input):
    note = serializers.CharField(max_length=100, required=False, allow_blank=True)
    days = serializers.IntegerField(
        min_value=1, max_value=365, required=False, allow_null=True, help_text="null: until it is revoked."
    )
    uses_at_most = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True, help_text="null: as many as like."
    )


class InviteOut(serializers.ModelSerializer[Invite]):
    id = Id(read_only=True)
    url = serializers.SerializerMethodField(help_text="Whoever has it may join by it.")
    works = serializers.BooleanField(source="is_valid", read_only=True)

    class Meta:
        model = Invite
        fields = (
            "id",
            "url",
            "note",
            "works",
            "uses",
            "uses_at_most",
            "created_at",
            "expires_at",
            "revoked_at",
        )

    def get_url(self, invite: Invite) -> str:
        return site_url(invite.path)
