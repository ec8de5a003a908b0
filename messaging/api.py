from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, IDEMPOTENCY_KEY, LIMIT, paged
from core.refusals import NotFound
from messaging.actions import delete_message, mark_read, send_message
from messaging.queries import cover, inbox_of, messages_in, visible_conversation
from messaging.serializers import ConversationOut, MessageIn, MessageOut, ReadIn
from social.api import MemberView


class Conversations(ApiView):
    @extend_schema(
        operation_id="conversations", responses=paged("Conversation", ConversationOut), parameters=[CURSOR]
    )
    def get(self, request: Request) -> Response:
        """List your conversations, latest message first."""
        page = inbox_of(self.member, cursor=request.GET.get("cursor"))
        return self.page(page, ConversationOut(page.items, many=True).data)


class Messages(ApiView):
    @extend_schema(
        operation_id="messages", responses=paged("Message", MessageOut), parameters=[CURSOR, LIMIT]
    )
    def get(self, request: Request, conversation_id: int) -> Response:
        """List the messages of a conversation, newest first."""
        conversation = visible_conversation(conversation_id, self.member)
        page = self.paginated(messages_in(conversation, self.member))
        return self.page(page, MessageOut(cover(page.items, self.member), many=True).data)


class ConversationRead(ApiView):
    @extend_schema(operation_id="read_conversation", request=ReadIn, responses={204: None})
    def post(self, request: Request, conversation_id: int) -> Response:
        """Mark a conversation as read up to a message, in all your open pages and apps."""
        conversation = visible_conversation(conversation_id, self.member)
        mark_read(conversation=conversation, by=self.member, up_to=self.checked(ReadIn).get("up_to"))
        return Response(status=204)


class OneMessage(ApiView):
    @extend_schema(operation_id="delete_message", responses={204: None})
    def delete(self, request: Request, conversation_id: int, message_id: int) -> Response:
        """Delete your own message for both of you."""
        conversation = visible_conversation(conversation_id, self.member)
        message = messages_in(conversation, self.member).filter(pk=message_id).first()
        if message is None:
            raise NotFound
        delete_message(message=message, by=self.member)
        return Response(status=204)


class UserMessages(MemberView):
    @extend_schema(
        operation_id="send_message",
        request=MessageIn,
        responses={201: MessageOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, user_id: int) -> Response:
        """Send a message to a member. The first one starts the conversation."""
        message = send_message(
            by=self.member,
            to=self.found(user_id),
            text=self.checked(MessageIn)["text"],
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return Response(MessageOut(message).data, status=201)
