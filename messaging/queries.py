from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Member
from core.pages import Page, paginate
from core.refusals import NotFound
from core.text import isolated
from messaging.models import Conversation, Message, Participation
from social.models import Follow
from social.queries import MutedWordMatcher, muted_ids, muted_word_matcher


@dataclass(frozen=True, slots=True)
class InboxRow:
    conversation: Conversation
    other: Member
    last: Message | None
    unread: int


def inbox_of(member: Member, *, cursor: str | None = None) -> Page[InboxRow]:
    """Return the conversations of a member, the one with the newest message first. Messages of muted members don’t
    count as unread.
    """
    sides = Participation.objects.filter(
        member=member, latest__gt=0, conversation__in=Conversation.objects.visible_to(member)
    ).select_related("conversation__last_message")
    page = paginate(sides, cursor=cursor, keys=("-latest", "-id"))
    return Page(_rows(page.items, member), page.next_cursor)


def row_of(conversation: Conversation, member: Member) -> InboxRow:
    """Return the inbox row of one conversation. Raises NotFound if `member` takes no part in it."""
    side = Participation.objects.filter(conversation=conversation, member=member)
    rows = _rows(side.select_related("conversation__last_message"), member)
    if not rows:
        raise NotFound
    return rows[0]


def _rows(sides: Iterable[Participation], member: Member) -> list[InboxRow]:
    sides = list(sides)
    others = others_in([side.conversation_id for side in sides], member)
    cover([side.conversation.last_message for side in sides if side.conversation.last_message], member)
    muted = set(
        muted_ids(member, notifications=True).filter(muted__in=[other.pk for other in others.values()])
    )
    return [
        InboxRow(
            side.conversation,
            others[side.conversation_id],
            side.conversation.last_message,
            0 if others[side.conversation_id].pk in muted else side.unread,
        )
        for side in sides
        if side.conversation_id in others
    ]


def others_in(conversation_ids: list[int], member: Member) -> dict[int, Member]:
    """Return conversation id → the other member."""
    sides = Participation.objects.filter(conversation__in=conversation_ids).exclude(member=member)
    return {side.conversation_id: side.member for side in sides.select_related("member")}


def quiet_conversations(member: Member) -> "QuerySet[Participation, int]":
    """Return the ids of the member’s conversations with people whose notifications they have muted; lazy."""
    muted = muted_ids(member, notifications=True)
    return Participation.objects.filter(member__in=muted).order_by().values_list("conversation", flat=True)


def visible_conversation(conversation_id: int, viewer: Member) -> Conversation:
    """Return the conversation. Raises NotFound."""
    conversation = Conversation.objects.visible_to(viewer).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def conversation_with(other: Member, viewer: Member) -> Conversation | None:
    pair = Conversation.pair_of(viewer, other)
    return Conversation.objects.visible_to(viewer).filter(pair=pair).first()


def messages_in(conversation: Conversation, viewer: Member) -> "QuerySet[Message]":
    """Return the messages to be paged by id, newest first; pass the ones that are shown to `cover`."""
    return Message.objects.visible_to(viewer).filter(conversation=conversation).order_by("-id")


def cover(messages: Iterable[Message], viewer: Member) -> list[Message]:
    """Return the messages, each with its `filtered_word`: muted ones are hidden behind a warning, not left out."""
    messages = list(messages)
    if messages:
        words = muted_word_matcher(viewer)
        for message in messages:
            message.filtered_word = muted_word_in(message, words)
    return messages


def muted_word_in(message: Message, words: MutedWordMatcher) -> str:
    """Return the muted word for which the message is hidden behind a warning; empty for none."""
    return words.verdict(message.text, message.author_id, "threads").word


def read_up_to(conversation: Conversation, member: Member) -> int:
    """Return the id of the last message that the member has read there."""
    side = Participation.objects.filter(conversation=conversation, member=member)
    return int(side.values_list("read_up_to", flat=True).get())


def unread_after(message_id: int, conversation: Conversation, member: Member) -> int:
    """Count the other’s messages after this one, without those that have a muted word."""
    waiting = Message.objects.filter(conversation=conversation, id__gt=message_id).exclude(author=member)
    words = muted_word_matcher(member)
    if not words.words:
        return waiting.count()
    return sum(not muted_word_in(message, words) for message in waiting.only("text", "author_id").iterator())


def unread_messages(member: Member) -> int:
    """Count unread messages, without those of muted members and those with a muted word."""
    unread = Participation.objects.filter(
        member=member, unread__gt=0, conversation__in=Conversation.objects.visible_to(member)
    ).exclude(conversation__in=quiet_conversations(member))
    return int(unread.aggregate(total=Sum("unread"))["total"] or 0)


def why_not_write(other: Member, *, by: Member) -> str:
    """Return why `by` may not start a conversation with `other`, as a sentence; empty if they may.

    A conversation that `other` has replied to goes on, whatever `other` has chosen since.
    """
    # The current value: `other` may have been loaded a while ago.
    may_write = Member.objects.values_list("may_write", flat=True).get(pk=other.pk)
    if may_write == Member.Writers.EVERYONE:
        return ""
    if may_write == Member.Writers.FOLLOWED and Follow.objects.by(other).of(by).exists():
        return ""
    pair = Conversation.pair_of(by, other)
    if Message.objects.filter(conversation__pair=pair, author=other).exists():
        return ""
    if may_write == Member.Writers.FOLLOWED:
        return _("Only people %(name)s follows can message them first.") % {"name": isolated(other.name)}
    return _("%(name)s isn’t accepting new messages.") % {"name": isolated(other.name)}
