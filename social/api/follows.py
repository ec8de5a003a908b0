from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.models import Member
from accounts.queries import visible_member, visible_member_by_id
from accounts.serializers import ProfileOut
from core.api import CURSOR, LIMIT
from social.actions import follow_member, show_reposts, unfollow_member
from social.models import Follow
from social.queries import can_read_posts, followers_of, following_of, mute_of, relations_of
from social.serializers import MemberDetailOut, MemberWithRelationsPage, serialize_members


class MemberView(ApiView):
    def found(self, user_id: int) -> Member:
        return visible_member_by_id(user_id, viewer=self.viewer)

    def shown(self, member: Member) -> Response:
        fresh = self.found(member.pk)
        relations = relations_of(self.viewer, [member.pk])
        context = {
            "relations": relations,
            "can_read_posts": can_read_posts(member, viewer=self.viewer, relations=relations),
            "mute": mute_of(self.viewer, fresh),
        }
        return Response(MemberDetailOut(fresh, context=context).data)


class OneMember(MemberView):
    @extend_schema(operation_id="user", responses=MemberDetailOut)
    def get(self, request: Request, user_id: int) -> Response:
        return self.shown(self.found(user_id))


class Profile(ApiView):
    @extend_schema(operation_id="profile", responses=ProfileOut)
    def get(self, request: Request, username: str) -> Response:
        """Return the public profile of a member, by username."""
        member = visible_member(username, viewer=self.viewer)
        relations = relations_of(self.viewer, [member.pk] if member.is_private else [])
        context = {"can_read_posts": can_read_posts(member, viewer=self.viewer, relations=relations)}
        return Response(ProfileOut(member, context=context).data)


class MemberFollow(MemberView):
    @extend_schema(operation_id="follow", request=None, responses=MemberDetailOut)
    def post(self, request: Request, user_id: int) -> Response:
        """Follow a member, or request to if the account is private (`requested`). Idempotent."""
        member = self.found(user_id)
        follow_member(member=member, by=self.member)
        return self.shown(member)

    @extend_schema(operation_id="unfollow", responses={200: MemberDetailOut})
    def delete(self, request: Request, user_id: int) -> Response:
        """Unfollow a member, or cancel your follow request."""
        member = self.found(user_id)
        unfollow_member(member=member, by=self.member)
        return self.shown(member)


class MemberReposts(MemberView):
    @extend_schema(operation_id="hide_reposts", request=None, responses=MemberDetailOut)
    def post(self, request: Request, user_id: int) -> Response:
        """Hide the reposts of a member whom you follow from your home feed. Idempotent."""
        return self._show(user_id, False)

    @extend_schema(operation_id="unhide_reposts", responses={200: MemberDetailOut})
    def delete(self, request: Request, user_id: int) -> Response:
        """Show their reposts in your home feed again."""
        return self._show(user_id, True)

    def _show(self, user_id: int, shown: bool) -> Response:
        by, member = self.member, self.found(user_id)
        show_reposts(member=member, by=by, shown=shown)
        return self.shown(member)


class MemberListView(MemberView):
    def people(self, follows: "QuerySet[Follow]", side: str) -> Response:
        page = self.paginated(follows)
        return self.page(
            page, serialize_members([getattr(follow, side) for follow in page.items], self.viewer)
        )


class Followers(MemberListView):
    @extend_schema(operation_id="followers", responses=MemberWithRelationsPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List a member's followers, most recent first. For a private account, only its followers see any."""
        return self.people(followers_of(self.found(user_id), viewer=self.viewer), "follower")


class Following(MemberListView):
    @extend_schema(operation_id="following", responses=MemberWithRelationsPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, user_id: int) -> Response:
        """List who a member follows, most recent first. For a private account, only its followers see any."""
        return self.people(following_of(self.found(user_id), viewer=self.viewer), "followee")
