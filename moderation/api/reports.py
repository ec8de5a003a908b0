"""What members do and see of moderation: reports, rules, and decisions about their own posts."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT, paged
from core.pages import page_size
from moderation.actions import report_post
from moderation.queries import decisions_on, reports_by
from moderation.serializers import OwnDecisionOut, OwnReportOut, ReportIn, ReportOut, RuleOut
from posts.queries import visible_post


class PostReport(ApiView):
    @extend_schema(operation_id="report_post", request=ReportIn, responses={201: ReportOut})
    def post(self, request: Request, post_id: int) -> Response:
        """Report a post to the moderators."""
        member = self.member
        post = visible_post(post_id, member)
        return Response({"new": report_post(post=post, by=member, **self.checked(ReportIn))}, status=201)


class Rules(ApiView):
    @extend_schema(operation_id="rules", responses=RuleOut(many=True))
    def get(self, request: Request) -> Response:
        """List the community rules. A report names one of them."""
        return Response(RuleOut(settings.COMMUNITY_RULES, many=True).data)


class OwnReports(ApiView):
    @extend_schema(
        operation_id="own_reports", responses=paged("OwnReport", OwnReportOut), parameters=[CURSOR, LIMIT]
    )
    def get(self, request: Request) -> Response:
        """List your reports and their outcome, newest first."""
        page = reports_by(
            self.member, cursor=request.GET.get("cursor"), size=page_size(request.GET.get("limit"))
        )
        return self.page(page, OwnReportOut(page.items, many=True).data)


class OwnDecisions(ApiView):
    @extend_schema(
        operation_id="own_decisions",
        responses=paged("OwnDecision", OwnDecisionOut),
        parameters=[CURSOR, LIMIT],
    )
    def get(self, request: Request) -> Response:
        """List the decisions about your posts and the reasons, newest first."""
        page = decisions_on(
            self.member, cursor=request.GET.get("cursor"), size=page_size(request.GET.get("limit"))
        )
        items: Any = OwnDecisionOut(page.items, many=True).data
        return self.page(page, items)
