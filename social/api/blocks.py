from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.models import Block, Member
from core.api import CURSOR, LIMIT
from core.refusals import NotFound
from social.actions import block_member, unblock_member
from social.queries.requests import blocks_by
from social.serializers import MemberWithRelationsPage, serialize_members


class MemberBlock(ApiView):
    """Blocking and unblocking find members whom the viewer has blocked; elsewhere they are 404."""

    def found(self, user_id: int) -> Member:
        blocked = Exists(Block.objects.filter(blocker=self.member, blocked=OuterRef("pk")))
        findable = Q(pk__in=Member.objects.visible_to(self.member).values("pk")) | Q(blocked, is_active=True)
        member = Member.objects.filter(findable, pk=user_id).first()
        if member is None:
            raise NotFound(_("This account doesn’t exist."))
        return member

    @extend_schema(operation_id="block", request=None, responses={204: None})
    def post(self, request: Request, user_id: int) -> Response:
        """Block a member, so that neither of you can see the other. Idempotent."""
        block_member(member=self.found(user_id), by=self.member)
        return Response(status=204)

    @extend_schema(operation_id="unblock", responses={204: None})
    def delete(self, request: Request, user_id: int) -> Response:
        """Unblock a member. Follows that the block ended do not come back."""
        unblock_member(member=self.found(user_id), by=self.member)
        return Response(status=204)


class Blocks(ApiView):
    @extend_schema(operation_id="blocks", responses=MemberWithRelationsPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List the accounts you have blocked, most recent first. Only you can see them."""
        page = self.paginated(blocks_by(self.member))
        return self.page(page, serialize_members([row.blocked for row in page.items], self.member))
