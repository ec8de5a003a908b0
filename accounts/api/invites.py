from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import make_invite, revoke_invite
from accounts.http import ApiView
from accounts.queries import invites_of, own_invite
from accounts.serializers import InviteIn, InviteOut
from core.api import CURSOR, LIMIT, paged


class Invites(ApiView):
    @extend_schema(operation_id="invites", responses=paged("Invite", InviteOut), parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List your invite links, newest first."""
        page = self.paginated(invites_of(self.member))
        return self.page(page, InviteOut(page.items, many=True).data)

    @extend_schema(operation_id="make_invite", request=InviteIn, responses={201: InviteOut})
    def post(self, request: Request) -> Response:
        """Create an invite link."""
        member = self.member
        return Response(InviteOut(make_invite(by=member, **self.checked(InviteIn))).data, status=201)


class OneInvite(ApiView):
    @extend_schema(operation_id="revoke_invite", responses={204: None})
    def delete(self, request: Request, invite_id: int) -> Response:
        """Revoke an invite link."""
        member = self.member
        revoke_invite(invite=own_invite(invite_id, viewer=member), by=member)
        return Response(status=204)
