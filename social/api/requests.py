from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT
from core.refusals import NotFound
from social.actions import approve_all_requests, approve_request, decline_request, remove_follower
from social.api.follows import MemberView
from social.queries import relations_of
from social.queries.requests import received_requests, sent_requests
from social.serializers import ApprovedOut, MemberDetailOut, MemberWithRelationsPage, serialize_members

SENT = OpenApiParameter("sent", bool, description="1: whom you ask to follow, instead of who asks you.")


class FollowRequests(ApiView):
    @extend_schema(
        operation_id="follow_requests", responses=MemberWithRelationsPage, parameters=[CURSOR, LIMIT, SENT]
    )
    def get(self, request: Request) -> Response:
        """List the follow requests you have received, most recent first, or with `sent=1` those you have sent."""
        if request.GET.get("sent") in ("1", "true"):
            sent = self.paginated(sent_requests(self.member))
            return self.page(sent, serialize_members([row.member for row in sent.items], self.member))
        page = self.paginated(received_requests(self.member))
        return self.page(page, serialize_members([row.requester for row in page.items], self.member))


class OneFollowRequest(MemberView):
    @extend_schema(operation_id="approve_follow_request", request=None, responses=MemberDetailOut)
    def post(self, request: Request, user_id: int) -> Response:
        """Approve a follow request. 404 when there is none (any more). Idempotent."""
        member, requester = self.member, self.found(user_id)
        approved = approve_request(requester=requester, by=member)
        if not approved and requester.pk not in relations_of(member, [requester.pk]).followed_by:
            raise NotFound(_("This request doesn’t exist."))
        return self.shown(requester)

    @extend_schema(operation_id="refuse_follow_request", responses={204: None})
    def delete(self, request: Request, user_id: int) -> Response:
        """Decline a follow request. The member isn’t notified, and can request again."""
        decline_request(requester=self.found(user_id), by=self.member)
        return Response(status=204)


class AllFollowRequests(ApiView):
    @extend_schema(operation_id="approve_all_follow_requests", request=None, responses=ApprovedOut)
    def post(self, request: Request) -> Response:
        """Approve all follow requests."""
        return Response({"approved": approve_all_requests(by=self.member)})


class OneFollower(MemberView):
    @extend_schema(operation_id="remove_follower", responses={200: MemberDetailOut})
    def delete(self, request: Request, user_id: int) -> Response:
        """Remove a follower. They aren’t notified."""
        follower = self.found(user_id)
        remove_follower(follower=follower, by=self.member)
        return self.shown(follower)
