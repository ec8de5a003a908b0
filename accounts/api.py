from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import choose_interests, edit_profile, make_invite, revoke_invite
from accounts.queries import interests_of, invites_of, own_invite, topics, visible_member
from accounts.serializers import (
    InterestsIn,
    InviteIn,
    InviteOut,
    OwnProfileOut,
    ProfileIn,
    ProfileOut,
    TopicOut,
)
from core.api import CURSOR, LIMIT, ApiView, paged


class OwnProfile(ApiView):
    """The signed-in member's own profile."""

    @extend_schema(operation_id="own_profile", responses=OwnProfileOut)
    def get(self, request: Request) -> Response:
        return Response(OwnProfileOut(self.member).data)

    @extend_schema(operation_id="edit_profile", request=ProfileIn, responses=OwnProfileOut)
    def patch(self, request: Request) -> Response:
        """Change the fields that are given; the username never changes."""
        member = edit_profile(member=self.member, by=self.member, **self.checked(ProfileIn))
        return Response(OwnProfileOut(member).data)


class Profile(ApiView):
    @extend_schema(operation_id="profile", responses=ProfileOut)
    def get(self, request: Request, username: str) -> Response:
        """The public profile of a member, by username."""
        return Response(ProfileOut(visible_member(username, viewer=self.viewer)).data)


class Topics(ApiView):
    @extend_schema(operation_id="topics", responses=TopicOut(many=True))
    def get(self, request: Request) -> Response:
        """What members may say they care for."""
        return Response(TopicOut(topics(), many=True).data)


class Interests(ApiView):
    """The topics that the signed-in member cares for."""

    @extend_schema(operation_id="interests", responses=TopicOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(TopicOut(interests_of(self.member), many=True).data)

    @extend_schema(operation_id="choose_interests", request=InterestsIn, responses=TopicOut(many=True))
    def put(self, request: Request) -> Response:
        """Exactly these from now on."""
        choose_interests(by=self.member, topics=self.checked(InterestsIn)["topics"])
        return Response(TopicOut(interests_of(self.member), many=True).data)


class Invites(ApiView):
    @extend_schema(operation_id="invites", responses=paged("Invite", InviteOut), parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """The member's own links to join by, the newest first."""
        page = self.paginated(invites_of(self.member))
        return self.page(page, InviteOut(page.items, many=True).data)

    @extend_schema(operation_id="make_invite", request=InviteIn, responses={201: InviteOut})
    def post(self, request: Request) -> Response:
        """Make a link by which others may join."""
        member = self.member
        return Response(InviteOut(make_invite(by=member, **self.checked(InviteIn))).data, status=201)


class OneInvite(ApiView):
    @extend_schema(operation_id="revoke_invite", responses={204: None})
    def delete(self, request: Request, invite_id: int) -> Response:
        """Nobody joins by it any more."""
        member = self.member
        revoke_invite(invite=own_invite(invite_id, viewer=member), by=member)
        return Response(status=204)
