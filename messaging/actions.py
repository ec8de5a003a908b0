from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from core import idempotency, streams
from core.db import insert_once
from core.ids import new_id
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.text import clean, is_blank, length
from messaging.models import Conversation, Message, Participation
from messaging.queries import muted_word_in, unread_after, unread_messages, why_not_write
from messaging.text import render_html
from social.models import Mute
from social.queries import muted_word_matcher

MESSAGE_MAX = 2000


def send_message(*, by: Member, to: Member, text: str, idempotency_key: str | None = None) -> Message:
    """Send a message to another member; the first one starts the conversation.

    Raises Invalid for an empty or too long text or a message to yourself, NotFound if `by` can’t see `to`, Forbidden if
    `by` may not start a conversation with `to`.
    """
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    if to.pk == by.pk:
        raise Invalid(_("You can’t message yourself."), code="message_self")
    text = _valid_text(text)

    def make() -> Message:
        if why_not := why_not_write(to, by=by):
            raise Forbidden(why_not, code="may_not_write")
        message = Message(
            id=message_id, conversation=conversation, author=by, text=text, html=render_html(text)
        )
        message.save(force_insert=True)
        Conversation.objects.filter(pk=conversation.pk).update(last_message=message)
        sides = Participation.objects.filter(conversation=conversation)
        sides.update(latest=message.id)
        if not muted_word_in(message, muted_word_matcher(to)):
            sides.exclude(member=by).update(unread=F("unread") + 1)
        transaction.on_commit(lambda: _publish_created(message), robust=True)
        return message

    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=to.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        # Locked before the id is generated: within a conversation the order of ids is the order in which messages
        # appear, so that "everything after this one" leaves nothing out.
        conversation = _conversation_of(by, to)
        message_id = new_id()
        return idempotency.once(
            actor_id=by.id,
            purpose="send_message",
            key=idempotency_key,
            content=f"{to.id}\n{text}",
            result_id=message_id,
            make=make,
            again=_sent_before,
        )


def _valid_text(text: str) -> str:
    """Return the cleaned text. Raises Invalid if it is empty or too long."""
    text = clean(text)
    if is_blank(text):
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": [sentence]})
    if length(text) > MESSAGE_MAX:
        sentence = _("A message can have up to %(most)s characters. This one has %(has)s.") % {
            "most": MESSAGE_MAX,
            "has": length(text),
        }
        raise Invalid(sentence, fields={"text": [sentence]})
    return text


def _sent_before(message_id: int) -> Message:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise Conflict(_("You’ve deleted this message."))
    return message


def mark_read(*, conversation: Conversation, by: Member, up_to: int | None = None) -> bool:
    """Mark messages up to this one, or all, as read by `by`. Return False if none was unread.

    All their open pages and apps get a live message.
    """
    with transaction.atomic():
        side = Participation.objects.select_for_update().filter(conversation=conversation, member=by).first()
        if side is None:
            return False
        seen = side.latest if up_to is None else min(up_to, side.latest)
        before = side.unread
        side.read_up_to = max(side.read_up_to, seen)
        side.unread = unread_after(side.read_up_to, conversation, by) if before else 0
        side.save(update_fields=["read_up_to", "unread"])
        if side.unread == before:
            return False
        message = {
            "type": "conversation.read",
            "conversation": str(conversation.pk),
            "read_up_to": str(side.read_up_to),
            "unread": unread_messages(by),
        }
        streams.publish(streams.member_stream(by.pk), message)
    return True


def delete_message(*, message: Message, by: Member) -> None:
    """Delete your own message for both members, and correct the unread count. Raises Forbidden for someone else’s."""
    if message.author_id != by.pk:
        raise Forbidden(_("You can only delete your own messages."))
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        if not Message.objects.filter(pk=message.pk).delete()[0]:
            return
        last = Message.objects.filter(conversation=conversation).order_by("-id").first()
        conversation.last_message = last
        conversation.save(update_fields=["last_message"])
        _recount(Participation.objects.filter(conversation=conversation).exclude(member=by))
        transaction.on_commit(lambda: _publish_deleted(message.pk, conversation), robust=True)


def recount_unread(*, member: Member) -> None:
    """Count unread messages again, without what `member` has muted meanwhile, and publish the number."""
    with transaction.atomic():
        _recount(Participation.objects.filter(member=member, unread__gt=0).order_by("pk"))
        publish_unread_count(member=member)


def publish_unread_count(*, member: Member) -> None:
    """Publish the number of unread messages to the member’s open pages after the commit."""
    message: streams.LiveMessage = {"type": "message.counted", "unread": unread_messages(member)}
    streams.publish(streams.member_stream(member.pk), message)


def _recount(sides: "QuerySet[Participation]") -> None:
    for side in sides.select_for_update(of=("self",)).select_related("conversation", "member"):
        side.unread = unread_after(side.read_up_to, side.conversation, side.member)
        side.save(update_fields=["unread"])


def _publish_created(message: Message) -> None:
    """Publish the message to the open pages of both after the commit. `quiet`: only the conversation itself shows it,
    because its author or a word in it is muted.
    """
    participations = _participations(message.conversation_id)
    mutes = Mute.objects.active().filter(muted=message.author_id, with_notifications=True)
    quiet = set(mutes.filter(muter__in=participations.values("member")).values_list("muter_id", flat=True))
    for side in participations:
        member = side.member
        is_muted = member.pk in quiet or bool(muted_word_in(message, muted_word_matcher(member)))
        streams.publish(
            streams.member_stream(member.pk),
            {
                "type": "message.created",
                "id": str(message.pk),
                "conversation": str(message.conversation_id),
                "own": member.pk == message.author_id,
                "quiet": is_muted,
                "unread": unread_messages(member),
            },
        )


def _publish_deleted(message_id: int, conversation: Conversation) -> None:
    """Remove the message from the open pages of both, and correct the number beside "Messages"."""
    for side in _participations(conversation.pk):
        streams.publish(
            streams.member_stream(side.member_id),
            {
                "type": "message.deleted",
                "id": str(message_id),
                "conversation": str(conversation.pk),
                "unread": unread_messages(side.member),
            },
        )


def _participations(conversation_id: int) -> "QuerySet[Participation]":
    return Participation.objects.filter(conversation=conversation_id).select_related("member")


def _conversation_of(one: Member, other: Member) -> Conversation:
    pair = Conversation.pair_of(one, other)
    conversation = Conversation.objects.filter(pair=pair).first()
    if conversation is None:
        conversation = Conversation(pair=pair)
        if insert_once(conversation):
            Participation.objects.bulk_create(
                Participation(conversation=conversation, member=member) for member in (one, other)
            )
        else:
            conversation = Conversation.objects.get(pair=pair)
    # Locked, so that messages are stored one after the other and the last one is the last.
    return Conversation.objects.select_for_update().get(pk=conversation.pk)
