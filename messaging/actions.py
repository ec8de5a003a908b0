from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Member
from core import idempotency
from core.db import insert_once
from core.events import emit
from core.ids import new_id
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.text import clean, is_blank, length
from messaging.events import MessageSent
from messaging.models import Conversation, Message, Participation
from messaging.queries import why_not_write
from messaging.text import render_html

MESSAGE_MAX = 2000


def send_message(*, by: Member, to: Member, text: str, idempotency_key: str | None = None) -> Message:
    """Say something to another member; the conversation of the two begins with the first message.

    Raises Invalid for an empty or too long text or for oneself, NotFound for somebody whom `by` cannot see, Forbidden
    for somebody who lets only others begin a conversation.
    """
    if not by.is_active:
        raise Forbidden(_("This account is switched off."))
    if to.pk == by.pk:
        raise Invalid(_("You cannot write to yourself."), code="message_self")
    text = clean(text)
    if is_blank(text):
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": [sentence]})
    if length(text) > MESSAGE_MAX:
        sentence = _("A message has at most %(most)s characters; this has %(has)s.") % {
            "most": MESSAGE_MAX,
            "has": length(text),
        }
        raise Invalid(sentence, fields={"text": [sentence]})
    message_id = new_id()

    def make() -> Message:
        if why_not := why_not_write(to, by=by):
            raise Forbidden(why_not, code="may_not_write")
        conversation = _conversation_of(by, to)
        message = Message(
            id=message_id, conversation=conversation, author=by, text=text, html=render_html(text)
        )
        message.save(force_insert=True)
        Conversation.objects.filter(pk=conversation.pk).update(last_message=message)
        sides = Participation.objects.filter(conversation=conversation)
        sides.update(latest=message.id)
        sides.exclude(member=by).update(unread=F("unread") + 1)
        emit(MessageSent(message_id=message.id, conversation_id=conversation.id, author_id=by.id))
        return message

    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=to.pk).exists():
            raise NotFound(_("There is no member of that name."))
        return idempotency.once(
            actor_id=by.id,
            purpose="send_message",
            key=idempotency_key,
            content=f"{to.id}\n{text}",
            result_id=message_id,
            make=make,
            again=_sent_before,
        )


def _sent_before(message_id: int) -> Message:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise Conflict(_("You have taken this message back."))
    return message


def mark_read(*, conversation: Conversation, by: Member) -> bool:
    """`by` has read what was said so far; False when nothing was unread."""
    sides = Participation.objects.filter(conversation=conversation, member=by, unread__gt=0)
    return bool(sides.update(unread=0))


def delete_message(*, message: Message, by: Member) -> None:
    """Take back one's own message, for both. Raises Forbidden for somebody else's."""
    if message.author_id != by.pk:
        raise Forbidden(_("Only its author may take back a message."))
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        Message.objects.filter(pk=message.pk).delete()
        last = Message.objects.filter(conversation=conversation).order_by("-id").first()
        conversation.last_message = last
        conversation.save(update_fields=["last_message"])


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
    # One after the other, so that the last message is the last.
    return Conversation.objects.select_for_update().get(pk=conversation.pk)
