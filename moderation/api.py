from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import ApiView
from moderation.actions import report_post
from posts.queries import visible_post


class ReportIn(serializers.Serializer[Any]):
    rule = serializers.CharField(max_length=40, help_text="The id of a rule, or other.")
    words = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)


class ReportOut(serializers.Serializer[Any]):
    new = serializers.BooleanField(help_text="False when a report of yours about this post waits already.")


class RuleOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()


class PostReport(ApiView):
    @extend_schema(operation_id="report_post", request=ReportIn, responses={201: ReportOut})
    def post(self, request: Request, post_id: int) -> Response:
        """Put a post before the moderators."""
        member = self.member
        post = visible_post(post_id, member)
        return Response({"new": report_post(post=post, by=member, **self.checked(ReportIn))}, status=201)


class Rules(ApiView):
    @extend_schema(operation_id="rules", responses=RuleOut(many=True))
    def get(self, request: Request) -> Response:
        """What the community agreed on; a report names one of them."""
        return Response(RuleOut(settings.COMMUNITY_RULES, many=True).data)
