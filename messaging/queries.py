from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Member
from core.pages import Page, paginate
from core.refusals import NotFound
from messaging.models import Conversation, Message, Participation
from social.models import Follow
from social.queries import muted_ids


@dataclass(frozen=True, slots=True)
class InboxRow:
    conversation: Conversation
    other: Member
    last: Message | None
    unread: int


def inbox_of(member: Member, *, cursor: str | None = None) -> Page[InboxRow]:
    """The conversations of a member, the one that was written in last first. What muted people wrote waits in silence:
    nothing of theirs counts as unread.
    """
    sides = Participation.objects.filter(
        member=member, latest__gt=0, conversation__in=Conversation.objects.visible_to(member)
    ).select_related("conversation__last_message")
    page = paginate(sides, cursor=cursor, keys=("-latest", "-id"))
    others = others_in([side.conversation_id for side in page.items], member)
    muted = set(
        muted_ids(member, notifications=True).filter(muted__in=[other.pk for other in others.values()])
    )
    return Page(
        [
            InboxRow(
                side.conversation,
                others[side.conversation_id],
                side.conversation.last_message,
                0 if others[side.conversation_id].pk in muted else side.unread,
            )
            for side in page.items
            if side.conversation_id in others
        ],
        page.next_cursor,
    )


def others_in(conversation_ids: list[int], member: Member) -> dict[int, Member]:
    """Conversation id → whom the member talks with there."""
    sides = Participation.objects.filter(conversation__in=conversation_ids).exclude(member=member)
    return {side.conversation_id: side.member for side in sides.select_related("member")}


def quiet_conversations(member: Member) -> "QuerySet[Participation, int]":
    """The ids of the member's conversations with people whom they have muted with their messages; lazy."""
    muted = muted_ids(member, notifications=True)
    return Participation.objects.filter(member__in=muted).order_by().values_list("conversation", flat=True)


def visible_conversation(conversation_id: int, viewer: Member) -> Conversation:
    """Raises NotFound when it is not there, or not the viewer's."""
    conversation = Conversation.objects.visible_to(viewer).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def conversation_with(other: Member, viewer: Member) -> Conversation | None:
    pair = Conversation.pair_of(viewer, other)
    return Conversation.objects.visible_to(viewer).filter(pair=pair).first()


def messages_in(conversation: Conversation, viewer: Member) -> "QuerySet[Message]":
    """To be paged by id, newest first."""
    return Message.objects.visible_to(viewer).filter(conversation=conversation).order_by("-id")


def unread_messages(member: Member) -> int:
    """How many messages wait, without those of muted people."""
    unread = Participation.objects.filter(
        member=member, unread__gt=0, conversation__in=Conversation.objects.visible_to(member)
    ).exclude(conversation__in=quiet_conversations(member))
    return int(unread.aggregate(total=Sum("unread"))["total"] or 0)


def why_not_write(other: Member, *, by: Member) -> str:
    """Why `by` may not begin a conversation with `other`, in a sentence; empty when they may.

    What they have begun goes on once `other` has answered, whatever `other` chose since.
    """
    # As it is now: who is at hand may have been read a while ago.
    may_write = Member.objects.values_list("may_write", flat=True).get(pk=other.pk)
    if may_write == Member.Writers.EVERYONE:
        return ""
    if may_write == Member.Writers.FOLLOWED and Follow.objects.by(other).of(by).exists():
        return ""
    pair = Conversation.pair_of(by, other)
    if Message.objects.filter(conversation__pair=pair, author=other).exists():
        return ""
    if may_write == Member.Writers.FOLLOWED:
        return _("Only people whom %(name)s follows may write to them first.") % {"name": other.name}
    return _("%(name)s does not want to be written to by anybody new.") % {"name": other.name}
