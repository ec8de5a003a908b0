from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import CURSOR, LIMIT
from social.api.follows import MemberListView
from social.queries import known_followers_of
from social.serializers import MemberWithRelationsPage


class KnownFollowers(MemberListView):
    @extend_schema(
        operation_id="known_followers", responses=MemberWithRelationsPage, parameters=[CURSOR, LIMIT]
    )
    def get(self, request: Request, user_id: int) -> Response:
        """List a member's followers whom you follow."""
        return self.people(known_followers_of(self.found(user_id), viewer=self.member), "follower")
