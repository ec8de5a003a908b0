"""The queue, one post in it, decisions, all reports, and the log: for moderators."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT, paged
from core.pages import page_size
from moderation.actions import decide_post
from moderation.queries import (
    Tab,
    log_page,
    moderation_history,
    moderators_only,
    queue_item,
    queue_page,
    reports_page,
    signups_count,
    tab_counts,
    trends_count,
)
from moderation.serializers import (
    CaseDecisionIn,
    CaseOut,
    CaseReportOut,
    CountsOut,
    DecisionOut,
    HistoryOut,
)

TAB = OpenApiParameter("tab", str, enum=[tab.value for tab in Tab], description="waiting when left out.")
STATE = OpenApiParameter("state", str, enum=["open", "decided"], description="open when left out.")
BY = OpenApiParameter("by", str, enum=["people"], description="Without what rules and models decided.")


class Overview(ApiView):
    @extend_schema(operation_id="moderation_counts", responses=CountsOut)
    def get(self, request: Request) -> Response:
        """For moderators: count what is waiting in each tab."""
        viewer = moderators_only(self.viewer)
        counts = tab_counts(viewer) | {"signups": signups_count(viewer), "trends": trends_count(viewer)}
        return Response(CountsOut(counts).data)


class Cases(ApiView):
    @extend_schema(
        operation_id="moderation_cases", responses=paged("Case", CaseOut), parameters=[TAB, CURSOR, LIMIT]
    )
    def get(self, request: Request) -> Response:
        """For moderators: list the posts in a tab of the queue, most urgent first, or decided ones newest first."""
        viewer = moderators_only(self.viewer)
        named = request.GET.get("tab", "")
        page = queue_page(
            Tab(named) if named in list(Tab) else Tab.WAITING,
            viewer,
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, CaseOut(page.items, many=True).data)


class OneCase(ApiView):
    @extend_schema(operation_id="moderation_case", responses=HistoryOut)
    def get(self, request: Request, post_id: int) -> Response:
        """For moderators: return one post in any state with its reports, reviews and decisions."""
        item = queue_item(post_id, self.viewer)
        return Response(
            HistoryOut({"case": item, "history": moderation_history(item.post, self.viewer)}).data
        )


class CaseDecision(ApiView):
    @extend_schema(operation_id="decide_case", request=CaseDecisionIn, responses=CaseOut)
    def post(self, request: Request, post_id: int) -> Response:
        """For moderators: publish, dismiss, remove, restore or reopen. The case lists its possible `acts`.

        409 when another moderator or the author was faster.
        """
        by = moderators_only(self.viewer)
        decide_post(post_id=post_id, by=by, **self.checked(CaseDecisionIn))
        return Response(CaseOut(queue_item(post_id, by)).data)


class Reports(ApiView):
    @extend_schema(
        operation_id="moderation_reports",
        responses=paged("CaseReport", CaseReportOut),
        parameters=[STATE, CURSOR, LIMIT],
    )
    def get(self, request: Request) -> Response:
        """For moderators: list open reports, oldest first, or answered ones, newest first."""
        page = reports_page(
            self.viewer,
            decided=request.GET.get("state") == "decided",
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, CaseReportOut(page.items, many=True).data)


class Log(ApiView):
    @extend_schema(
        operation_id="moderation_log",
        responses=paged("Decision", DecisionOut),
        parameters=[BY, CURSOR, LIMIT],
    )
    def get(self, request: Request) -> Response:
        """For moderators: list all decisions, newest first."""
        page = log_page(
            self.viewer,
            people_only=request.GET.get("by") == "people",
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, DecisionOut(page.items, many=True).data)
