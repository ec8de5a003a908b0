from core.streams import publish
from messaging.events import MessageSent
from messaging.models import Message, Participation


def show_message(event: MessageSent) -> None:
    """A message was sent; then we tell the open pages of those who take part."""
    if not Message.objects.filter(pk=event.message_id).exists():
        return
    for member_id in Participation.objects.filter(conversation=event.conversation_id).values_list(
        "member", flat=True
    ):
        publish(
            f"member.{member_id}",
            {
                "type": "message.created",
                "id": str(event.message_id),
                "conversation": str(event.conversation_id),
                "own": member_id == event.author_id,
            },
        )
