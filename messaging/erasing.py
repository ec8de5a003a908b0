"""Deletes a member’s private messages (config/erasures.py).

A conversation is deleted as a whole. The other member hasn’t seen it since the account was closed, and half of one
would still reveal things about the deleted member.
"""

from core.db import delete_some
from messaging.models import Conversation, Message


def forget_conversations(member_id: int) -> int:
    mine = Conversation.objects.filter(participations__member_id=member_id)
    return delete_some(Message.objects.filter(conversation__in=mine), 1000) or delete_some(mine, 200)
