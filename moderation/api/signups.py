"""Sign-up requests, for moderators."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import approve_signup, decline_signup
from accounts.actions.signup import DECLINE_MESSAGE_MAX
from accounts.http import ApiView
from accounts.models import SignupRequest
from core.api import CURSOR, LIMIT, Id, Input, paged
from core.pages import page_size
from moderation.queries import moderators_only, signups_page


class SignupOut(serializers.ModelSerializer[SignupRequest]):
    """A sign-up request."""

    id = Id(source="member_id", read_only=True)
    username = serializers.CharField(source="member.username", read_only=True)
    name = serializers.CharField(source="member.name", read_only=True)
    email_domain = serializers.CharField(read_only=True)
    email_confirmed = serializers.BooleanField(source="confirmed", read_only=True)

    class Meta:
        model = SignupRequest
        fields = ("id", "username", "name", "email_domain", "email_confirmed", "reason", "created_at")


class SignupDecisionIn(Input):
    act = serializers.ChoiceField([("approve", "Let in"), ("refuse", "Refuse")])
    words = serializers.CharField(
        source="message",
        max_length=DECLINE_MESSAGE_MAX,
        required=False,
        allow_blank=True,
        default="",
        help_text="To them, when refused.",
    )


class Signups(ApiView):
    @extend_schema(operation_id="signups", responses=paged("Signup", SignupOut), parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """For moderators: list sign-up requests, oldest first."""
        page = signups_page(
            self.viewer, cursor=request.GET.get("cursor"), size=page_size(request.GET.get("limit"))
        )
        return self.page(page, SignupOut(page.items, many=True).data)


class SignupDecision(ApiView):
    @extend_schema(operation_id="decide_signup", request=SignupDecisionIn, responses={204: None})
    def post(self, request: Request, user_id: int) -> Response:
        """For moderators: approve a sign-up request, or decline it, which deletes the account."""
        by = moderators_only(self.viewer)
        decision = self.checked(SignupDecisionIn)
        if decision["act"] == "approve":
            approve_signup(member_id=user_id, by=by)
        else:
            decline_signup(member_id=user_id, by=by, message=decision["message"])
        return Response(status=204)
