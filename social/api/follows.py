from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Member
from accounts.queries import visible_member, visible_member_by_id
from accounts.serializers import MemberOut, ProfileOut
from core.api import CURSOR, LIMIT, ApiView, paged
from social.actions import follow_member, unfollow_member
from social.models import Follow, Mute
from social.queries import followers_of, following_of, mute_of, reads_posts, relations_of


class UserOut(ProfileOut):
    """A member, and how the signed-in member stands to them; pass `relations` and `mute` in the context, too."""

    following = serializers.SerializerMethodField(help_text="You follow them.")
    follows_you = serializers.SerializerMethodField()
    requested = serializers.SerializerMethodField(help_text="You ask to follow them, and wait.")
    asking = serializers.SerializerMethodField(help_text="They ask to follow you.")
    blocking = serializers.SerializerMethodField(help_text="You have blocked them.")
    muting = serializers.SerializerMethodField(help_text="You have muted them. They do not learn of it.")
    muted_until = serializers.SerializerMethodField(help_text="Null for without an end, and when not muted.")

    class Meta(ProfileOut.Meta):
        fields = (  # type: ignore[assignment]
            *ProfileOut.Meta.fields,
            "is_private",
            "following",
            "follows_you",
            "requested",
            "asking",
            "blocking",
            "muting",
            "muted_until",
        )

    def get_following(self, member: Member) -> bool:
        return member.pk in self.context["relations"].following

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


class PersonOut(MemberOut):
    following = serializers.SerializerMethodField()
    follows_you = serializers.SerializerMethodField()
    requested = serializers.SerializerMethodField(help_text="You ask to follow them, and wait.")
    asking = serializers.SerializerMethodField(help_text="They ask to follow you.")
    blocking = serializers.SerializerMethodField(help_text="You have blocked them.")
    get_following = UserOut.get_following
    get_follows_you = UserOut.get_follows_you
    get_requested = UserOut.get_requested
    get_asking = UserOut.get_asking
    get_blocking = UserOut.get_blocking

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


def people_data(members: Sequence[Member], viewer: Member | None) -> list[dict[str, Any]]:
    """Members as JSON with how the viewer stands to each, in one more query."""
    relations = relations_of(viewer, [member.pk for member in members])
    data: Any = PersonOut(members, many=True, context={"relations": relations}).data
    return list(data)


class UserView(ApiView):
    def found(self, user_id: int) -> Member:
        return visible_member_by_id(user_id, viewer=self.viewer)

    def shown(self, member: Member) -> Response:
        fresh = self.found(member.pk)
        relations = relations_of(self.viewer, [member.pk])
        context = {
            "relations": relations,
            "reads_posts": reads_posts(member, viewer=self.viewer, relations=relations),
            "mute": mute_of(self.viewer, fresh),
        }
        return Response(UserOut(fresh, context=context).data)


class User(UserView):
    @extend_schema(operation_id="user", responses=UserOut)
    def get(self, request: Request, user_id: int) -> Response:
        return self.shown(self.found(user_id))


class Profile(ApiView):
    @extend_schema(operation_id="profile", responses=ProfileOut)
    def get(self, request: Request, username: str) -> Response:
        """Return the public profile of a member, by username."""
        member = visible_member(username, viewer=self.viewer)
        relations = relations_of(self.viewer, [member.pk] if member.is_private else [])
        context = {"reads_posts": reads_posts(member, viewer=self.viewer, relations=relations)}
        return Response(ProfileOut(member, context=context).data)


class UserFollow(UserView):
    @extend_schema(operation_id="follow", request=None, responses=UserOut)
    def post(self, request: Request, user_id: int) -> Response:
        """Follow a member, or request to if the account is private (`requested`). Idempotent."""
        member = self.found(user_id)
        follow_member(member=member, by=self.member)
        return self.shown(member)

    @extend_schema(operation_id="unfollow", responses={200: UserOut})
    def delete(self, request: Request, user_id: int) -> Response:
        """Unfollow a member, or cancel your follow request."""
        member = self.found(user_id)
        unfollow_member(member=member, by=self.member)
        return self.shown(member)


class PeopleView(UserView):
    def people(self, follows: "QuerySet[Follow]", side: str) -> Response:
        page = self.paginated(follows)
        return self.page(page, people_data([getattr(follow, side) for follow in page.items], self.viewer))


PersonPage = paged("Person", PersonOut)


class Followers(PeopleView):
    @extend_schema(operation_id="followers", responses=PersonPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List a member's followers, most recent first. For a private account, only its followers see any."""
        return self.people(followers_of(self.found(user_id), viewer=self.viewer), "follower")


class Following(PeopleView):
    @extend_schema(operation_id="following", responses=PersonPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List who a member follows, most recent first. For a private account, only its followers see any."""
        return self.people(following_of(self.found(user_id), viewer=self.viewer), "followee")
