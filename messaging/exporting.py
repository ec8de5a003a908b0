"""A member’s private messages, for the export of their data (config/exports.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records
from core.db import in_chunks
from messaging.models import Conversation, Message
from messaging.queries import others_in


def messages(member: Member) -> Iterator[Part]:
    yield Records("conversations", _("Your conversations"), _conversations(member))
    yield Records("messages", _("Your messages"), _messages(member))


def _conversations(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Conversation.objects.visible_to(member)):
        others = others_in([conversation.pk for conversation in chunk], member)
        for conversation in chunk:
            if other := others.get(conversation.pk):
                yield {
                    "id": str(conversation.pk),
                    "with": other.username,
                    "began_at": conversation.created_at,
                }


def _messages(member: Member) -> Iterator[Record]:
    found = Message.objects.visible_to(member).select_related("author")
    for chunk in in_chunks(found):
        for message in chunk:
            yield {
                "conversation": str(message.conversation_id),
                "by": message.author.username,
                "at": message.created_at,
                "text": message.text,
            }
