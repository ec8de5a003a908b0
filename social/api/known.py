from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import CURSOR, LIMIT
from social.api.follows import PeopleView, PersonPage
from social.queries import known_followers_of


class KnownFollowers(PeopleView):
    @extend_schema(operation_id="known_followers", responses=PersonPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List a member's followers whom you follow."""
        return self.people(known_followers_of(self.found(user_id), viewer=self.member), "follower")
