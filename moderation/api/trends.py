"""What may trend: for moderators."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT, paged
from core.pages import page_size
from moderation.actions import decide_trend, hide_tag
from moderation.queries import moderators_only, trend_item, trends_page
from moderation.serializers import HideTagIn, TrendDecisionIn, TrendReviewOut

STATE = OpenApiParameter("state", str, enum=["waiting", "decided"], description="waiting when left out.")


class TrendReviews(ApiView):
    @extend_schema(
        operation_id="moderation_trends",
        responses=paged("TrendReview", TrendReviewOut),
        parameters=[STATE, CURSOR, LIMIT],
    )
    def get(self, request: Request) -> Response:
        """For moderators: list hashtags and posts shared mostly by new accounts, or decisions about them."""
        page = trends_page(
            self.viewer,
            decided=request.GET.get("state") == "decided",
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, TrendReviewOut(page.items, many=True).data)

    @extend_schema(operation_id="hide_tag", request=HideTagIn, responses={201: TrendReviewOut})
    def post(self, request: Request) -> Response:
        """For moderators: hide a hashtag from trends."""
        by = moderators_only(self.viewer)
        row = hide_tag(name=self.checked(HideTagIn)["tag"], by=by)
        return Response(TrendReviewOut(trend_item(row.id, by)).data, status=201)


class TrendDecision(ApiView):
    @extend_schema(operation_id="decide_trend", request=TrendDecisionIn, responses=TrendReviewOut)
    def post(self, request: Request, trend_id: int) -> Response:
        """For moderators: allow a hashtag or post in trends, or hide it. Each undoes the other."""
        by = moderators_only(self.viewer)
        decide_trend(trend_id=trend_id, by=by, **self.checked(TrendDecisionIn))
        return Response(TrendReviewOut(trend_item(trend_id, by)).data)
