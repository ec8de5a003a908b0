from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.queries import visible_member_by_id
from core.api import CURSOR, LIMIT, paged
from social.actions.lists import add_to_list, create_list, delete_list, edit_list, remove_from_list
from social.queries.lists import list_entries, lists_of, own_list
from social.serializers import (
    ListChangeIn,
    ListIn,
    ListMemberIn,
    ListOut,
    MemberWithRelationsOut,
    MemberWithRelationsPage,
    serialize_members,
)


class ListView(ApiView):
    """The viewer's own lists. Someone else's list is 404."""

    def shown(self, list_id: int, status: int = 200) -> Response:
        return Response(ListOut(own_list(list_id, self.member)).data, status=status)


class Lists(ListView):
    @extend_schema(operation_id="lists", responses=paged("List", ListOut), parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List your lists, newest first. Only you can see them."""
        page = self.paginated(lists_of(self.member))
        return self.page(page, ListOut(page.items, many=True).data)

    @extend_schema(operation_id="make_list", request=ListIn, responses={201: ListOut})
    def post(self, request: Request) -> Response:
        member = self.member
        created = create_list(by=member, **self.checked(ListIn))
        return self.shown(created.pk, status=201)


class OneList(ListView):
    @extend_schema(operation_id="list", responses=ListOut)
    def get(self, request: Request, list_id: int) -> Response:
        return self.shown(list_id)

    @extend_schema(operation_id="change_list", request=ListChangeIn, responses=ListOut)
    def patch(self, request: Request, list_id: int) -> Response:
        """Update the given fields."""
        found = own_list(list_id, self.member)
        edit_list(list_=found, by=self.member, **self.checked(ListChangeIn))
        return self.shown(list_id)

    @extend_schema(operation_id="delete_list", responses={204: None})
    def delete(self, request: Request, list_id: int) -> Response:
        delete_list(list_=own_list(list_id, self.member), by=self.member)
        return Response(status=204)


class ListMembers(ListView):
    @extend_schema(operation_id="list_members", responses=MemberWithRelationsPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, list_id: int) -> Response:
        """List the members on a list, most recently added first."""
        page = self.paginated(list_entries(own_list(list_id, self.member), viewer=self.member))
        return self.page(page, serialize_members([entry.member for entry in page.items], self.member))

    @extend_schema(operation_id="add_to_list", request=ListMemberIn, responses={201: MemberWithRelationsOut})
    def post(self, request: Request, list_id: int) -> Response:
        """Add a member to a list. They aren’t notified. Idempotent."""
        found = own_list(list_id, self.member)
        someone = visible_member_by_id(self.checked(ListMemberIn)["user"], viewer=self.member)
        add_to_list(list_=found, member=someone, by=self.member)
        return Response(serialize_members([someone], self.member)[0], status=201)


class OneListMember(ListView):
    @extend_schema(operation_id="remove_from_list", responses={204: None})
    def delete(self, request: Request, list_id: int, user_id: int) -> Response:
        found = own_list(list_id, self.member)
        someone = visible_member_by_id(user_id, viewer=self.member)
        remove_from_list(list_=found, member=someone, by=self.member)
        return Response(status=204)
