from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import choose_interests
from accounts.http import ApiView
from accounts.queries import interests_of, topics
from accounts.serializers import InterestsIn, TopicOut


class Topics(ApiView):
    @extend_schema(operation_id="topics", responses=TopicOut(many=True))
    def get(self, request: Request) -> Response:
        """List the topics members can be interested in."""
        return Response(TopicOut(topics(), many=True).data)


class Interests(ApiView):
    """The signed-in member’s interests."""

    @extend_schema(operation_id="interests", responses=TopicOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(TopicOut(interests_of(self.member), many=True).data)

    @extend_schema(operation_id="choose_interests", request=InterestsIn, responses=TopicOut(many=True))
    def put(self, request: Request) -> Response:
        """Replace your interests."""
        choose_interests(by=self.member, topics=self.checked(InterestsIn)["topics"])
        return Response(TopicOut(interests_of(self.member), many=True).data)
