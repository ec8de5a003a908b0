from typing import Any
from urllib.parse import quote

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.serializers import MemberOut
from core.api import CURSOR, LIMIT
from core.pages import page_size
from posts.models import Tag
from posts.serializers import PostPage, serialize_posts
from search.completion import OFFERED, completions
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


class TagOut(serializers.ModelSerializer[Tag]):
    name = serializers.CharField(help_text="As it is in addresses: folded.")
    tag = serializers.CharField(source="label", help_text="As it was first written.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = ("name", "tag", "url")

    def get_url(self, tag: Tag) -> str:
        return f"/tags/{quote(tag.name)}"


class CompletionsOut(serializers.Serializer[Any]):
    people = MemberOut(many=True, help_text="For @: whom you follow first, then by username and by name.")
    tags = TagOut(many=True, help_text="For #: the most used of late first.")


class Autocomplete(ApiView):
    @extend_schema(
        operation_id="autocomplete",
        responses=CompletionsOut,
        parameters=[
            OpenApiParameter(
                "q", str, required=True, description="What has been typed: @ or #, and letters."
            ),
            OpenApiParameter(
                "limit", int, description="Number of people or hashtags, from 1 to 100, instead of 8."
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """Complete a mention or hashtag, with up to 8 people or hashtags."""
        size = page_size(request.GET.get("limit"), OFFERED)
        found = completions(request.GET.get("q", ""), viewer=self.member, size=size)
        return Response(CompletionsOut(found).data)
