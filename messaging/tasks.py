from core.streams import publish
from messaging.events import MessageSent
from messaging.models import Message, Participation
from social.models import Mute


def show_message(event: MessageSent) -> None:
    """A message was sent; then we tell the open pages of those who take part. `quiet`: only the conversation itself is
    to show it, because the author is muted.
    """
    if not Message.objects.filter(pk=event.message_id).exists():
        return
    sides = Participation.objects.filter(conversation=event.conversation_id)
    mutes = Mute.objects.running().filter(muted=event.author_id, with_notifications=True)
    quiet = set(mutes.filter(muter__in=sides.values("member")).values_list("muter_id", flat=True))
    for member_id in sides.values_list("member", flat=True):
        publish(
            f"member.{member_id}",
            {
                "type": "message.created",
                "id": str(event.message_id),
                "conversation": str(event.conversation_id),
                "own": member_id == event.author_id,
                "quiet": member_id in quiet,
            },
        )
