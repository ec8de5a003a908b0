from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import edit_profile
from accounts.http import ApiView
from accounts.serializers import OwnProfileOut, ProfileIn


class OwnProfile(ApiView):
    """The signed-in member's own profile."""

    @extend_schema(operation_id="own_profile", responses=OwnProfileOut)
    def get(self, request: Request) -> Response:
        return Response(OwnProfileOut(self.member).data)

    @extend_schema(operation_id="edit_profile", request=ProfileIn, responses=OwnProfileOut)
    def patch(self, request: Request) -> Response:
        """Update the given fields. The username can't be changed."""
        member = edit_profile(member=self.member, by=self.member, **self.checked(ProfileIn))
        return Response(OwnProfileOut(member).data)
