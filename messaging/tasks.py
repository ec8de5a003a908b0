from django.db.models import QuerySet

from accounts.models import Member
from core.streams import member_stream, publish
from messaging import actions
from messaging.events import MessageDeleted, MessageSent
from messaging.models import Message, Participation
from messaging.queries import muted_word_in, unread_messages
from social.events import MemberBlocked, MemberMuted, MemberUnblocked, MemberUnmuted, WordMuted
from social.models import Mute
from social.queries import muted_words_of


def show_message(event: MessageSent) -> None:
    """A message was sent; then we tell the open pages of those who take part. `quiet`: only the conversation itself is
    to show it, because the author or a word of it is muted.
    """
    message = Message.objects.filter(pk=event.message_id).first()
    if message is None:
        return
    sides = _sides(event.conversation_id)
    mutes = Mute.objects.running().filter(muted=event.author_id, with_notifications=True)
    quiet = set(mutes.filter(muter__in=sides.values("member")).values_list("muter_id", flat=True))
    for side in sides:
        member = side.member
        is_muted = member.pk in quiet or bool(muted_word_in(message, muted_words_of(member)))
        publish(
            member_stream(member.pk),
            {
                "type": "message.created",
                "id": str(event.message_id),
                "conversation": str(event.conversation_id),
                "own": member.pk == event.author_id,
                "quiet": is_muted,
                "unread": unread_messages(member),
            },
        )


def take_back_message(event: MessageDeleted) -> None:
    """A message was taken back; then it leaves the open pages of both, and the number beside "Messages" is right."""
    for side in _sides(event.conversation_id):
        publish(
            member_stream(side.member_id),
            {
                "type": "message.deleted",
                "id": str(event.message_id),
                "conversation": str(event.conversation_id),
                "unread": unread_messages(side.member),
            },
        )


def recount_unread(event: WordMuted) -> None:
    """A word was muted; then messages that wait and have it wait no more."""
    for member in Member.objects.filter(pk=event.member_id):
        actions.recount_unread(member=member)


def say_unread_of_muter(event: MemberMuted | MemberUnmuted) -> None:
    """Messages of somebody muted are not counted, so the number on open pages changes."""
    for member in Member.objects.filter(pk=event.muter_id):
        actions.say_unread(member=member)


def say_unread_of_both(event: MemberBlocked | MemberUnblocked) -> None:
    """The conversation of the two is there no more, or again, so the numbers on open pages change."""
    for member in Member.objects.filter(pk__in=[event.blocker_id, event.blocked_id]):
        actions.say_unread(member=member)


def _sides(conversation_id: int) -> "QuerySet[Participation]":
    return Participation.objects.filter(conversation=conversation_id).select_related("member")
