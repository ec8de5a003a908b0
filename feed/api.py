from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.models import signup_mode
from core.api import CURSOR, LIMIT
from core.pages import Page, page_size
from feed.actions.suggestions import suggest_again
from feed.actions.tracking import TrackedEvent, track
from feed.queries.about import instance
from feed.queries.explore import latest_posts, posts_tagged
from feed.queries.for_you import for_you
from feed.queries.lists import list_timeline
from feed.queries.profile import likes_of, media_of, pins_of, posts_of, replies_of
from feed.queries.suggestions import suggestions_for
from feed.queries.timeline import following_timeline
from feed.queries.trending import trending_posts, trending_tags
from feed.serializers import InstanceOut, ReasonOut, SuggestionPage, TrackIn, TrackOut, TrendOut
from posts.queries import visible_tag
from posts.serializers import PostOut, PostPage, serialize_posts
from social.actions import dismiss_suggestion
from social.api import MemberView
from social.queries.lists import own_list
from social.serializers import serialize_members


class Timeline(ApiView):
    @extend_schema(operation_id="timeline", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List posts by people and with hashtags you follow, strictly newest first."""
        size = page_size(request.GET.get("limit"))
        page = following_timeline(self.member, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))


class ListTimeline(ApiView):
    @extend_schema(operation_id="list_timeline", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, list_id: int) -> Response:
        """List posts by people on your list, strictly newest first, with the replies its policy allows."""
        found = own_list(list_id, self.member)
        size = page_size(request.GET.get("limit"))
        page = list_timeline(found, viewer=self.member, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))


class Feed(ApiView):
    @extend_schema(operation_id="feed", responses=PostPage, parameters=[CURSOR])
    def get(self, request: Request) -> Response:
        """List recommended posts (For you), ranked."""
        page = for_you(self.member, cursor=request.GET.get("cursor"))
        return self.page(page, serialize_posts(page.items, self.viewer))


class Latest(ApiView):
    @extend_schema(operation_id="latest", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List all public posts that are not replies, newest first."""
        size = page_size(request.GET.get("limit"))
        page = latest_posts(self.viewer, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))


class UserPosts(MemberView):
    @extend_schema(operation_id="user_posts", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List a member's posts without replies, newest first."""
        size = page_size(request.GET.get("limit"))
        member = self.found(user_id)
        page = posts_of(member, viewer=self.viewer, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))


class UserPins(MemberView):
    @extend_schema(operation_id="user_pins", responses=PostPage)
    def get(self, request: Request, user_id: int) -> Response:
        """List the posts that a member has pinned to their profile, the latest pin first: up to five, on one page."""
        posts = pins_of(self.found(user_id), viewer=self.viewer)
        return self.page(Page(posts, ""), serialize_posts(posts, self.viewer))


class UserReplies(MemberView):
    @extend_schema(operation_id="user_replies", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        size = page_size(request.GET.get("limit"))
        member = self.found(user_id)
        page = replies_of(member, viewer=self.viewer, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))


class UserMedia(MemberView):
    @extend_schema(operation_id="user_media", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List a member's posts with pictures, videos or sounds, newest first."""
        size = page_size(request.GET.get("limit"))
        member = self.found(user_id)
        page = media_of(member, viewer=self.viewer, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))


class LikedPosts(ApiView):
    @extend_schema(operation_id="liked_posts", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List the posts you like, most recently liked first. Only you can see them."""
        page = self.paginated(likes_of(self.member))
        return self.page(page, serialize_posts([like.post for like in page.items], self.viewer))


class TagPosts(ApiView):
    @extend_schema(operation_id="tag_posts", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, name: str) -> Response:
        """List posts with a hashtag, newest first, without those you have muted. 404 for a hashtag that no
        visible post has.
        """
        viewer = self.viewer
        size = page_size(request.GET.get("limit"))
        tag = visible_tag(name, viewer=viewer)
        page = posts_tagged(tag, viewer=viewer, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, viewer))


class Trends(ApiView):
    @extend_schema(operation_id="trends", responses=TrendOut(many=True))
    def get(self, request: Request) -> Response:
        """List the trending hashtags, at most ten minutes old."""
        return Response(TrendOut(trending_tags(viewer=self.viewer), many=True).data)


class TrendingPosts(ApiView):
    @extend_schema(operation_id="trending_posts", responses=PostOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(serialize_posts(trending_posts(self.viewer), self.viewer))


class Instance(ApiView):
    @extend_schema(operation_id="instance", responses=InstanceOut)
    def get(self, request: Request) -> Response:
        """Describe this site: who runs it, its rules and its limits. No sign-in needed."""
        shown = {
            "place": instance(),
            "limits": {
                "post_max_length": settings.POST_MAX_LENGTH,
                "upload_max_bytes": settings.UPLOAD_MAX_BYTES,
            },
            "signup": {
                "mode": signup_mode(),
                "email_verification": settings.ACCOUNT_EMAIL_VERIFICATION,
            },
            "languages": [{"code": code, "name": name} for code, name in settings.LANGUAGES],
        }
        return Response(InstanceOut(shown).data)


class Track(ApiView):
    @extend_schema(operation_id="track", request=TrackIn, responses={202: TrackOut})
    def post(self, request: Request) -> Response:
        """Log what the member saw and did, for For you."""
        member = self.member
        given = request.data if isinstance(request.data, dict) and "events" in request.data else None
        checked = self.checked(TrackIn, given or {"events": [request.data]})
        events = [TrackedEvent(event_id=e.pop("id"), post_id=e.pop("post"), **e) for e in checked["events"]]
        return Response({"accepted": track(by=member, events=events)}, status=202)


class Suggestions(ApiView):
    @extend_schema(operation_id="suggestions", responses=SuggestionPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List suggestions of who to follow, best first, with the reason."""
        size = page_size(request.GET.get("limit"))
        page = suggestions_for(self.member, cursor=request.GET.get("cursor"), size=size)
        people = serialize_members([found.member for found in page.items], self.viewer)
        reasons = ReasonOut(page.items, many=True).data
        items = [{"user": user, "reason": reason} for user, reason in zip(people, reasons, strict=True)]
        return self.page(page, items)


class OneSuggestion(MemberView):
    @extend_schema(operation_id="dismiss_suggestion", responses={204: None})
    def delete(self, request: Request, user_id: int) -> Response:
        """Dismiss a suggestion."""
        dismiss_suggestion(member=self.found(user_id), by=self.member)
        return Response(status=204)

    @extend_schema(operation_id="restore_suggestion", request=None, responses={204: None})
    def post(self, request: Request, user_id: int) -> Response:
        """Undo dismissing a suggestion."""
        suggest_again(member=self.found(user_id), by=self.member)
        return Response(status=204)
