from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT
from core.pages import page_size
from posts.serializers import PostPage, serialize_posts
from search.queries import search_members, search_posts
from social.serializers import MemberWithRelationsPage, serialize_members

QUERY = OpenApiParameter("q", str, required=True, description="Search terms. The last one may be a prefix.")


class SearchPosts(ApiView):
    @extend_schema(operation_id="search_posts", responses=PostPage, parameters=[QUERY, CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """Search posts, best match first, then newest."""
        page = search_posts(
            request.GET.get("q", ""),
            viewer=self.viewer,
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, serialize_posts(page.items, self.viewer))


class SearchUsers(ApiView):
    @extend_schema(
        operation_id="search_users", responses=MemberWithRelationsPage, parameters=[QUERY, CURSOR, LIMIT]
    )
    def get(self, request: Request) -> Response:
        """Search members by username, name and bio, best match first, then most followed."""
        page = search_members(
            request.GET.get("q", ""),
            viewer=self.viewer,
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, serialize_members(page.items, self.viewer))
