"""Deletes a member’s private messages (config/erasures.py).

A conversation goes as a whole. It was not there for the other one either since the account was closed, and half of one,
with an addressee who has no name any more, would say things about the one who left.
"""

from core.db import delete_some
from messaging.models import Conversation, Message


def forget_conversations(member_id: int) -> int:
    mine = Conversation.objects.filter(participations__member_id=member_id)
    return delete_some(Message.objects.filter(conversation__in=mine), 1000) or delete_some(mine, 200)
