from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in
from accounts.models import Member
from accounts.queries import visible_member
from core.api import as_id
from core.forms import accepts_fields
from core.http import (
    redirect_back,
    redirect_page,
    refuse_on_page,
    render_fragment_or_redirect,
    render_page_or_fragment,
)
from core.idempotency import KeyReused, key_of_form
from core.pages import Page, more_url, paginate
from core.refusals import Forbidden, Invalid, NotFound
from messaging.actions import MESSAGE_MAX, delete_message, mark_read, send_message
from messaging.models import Conversation, Message
from messaging.queries import (
    conversation_with,
    cover,
    inbox_of,
    messages_in,
    others_in,
    read_up_to,
    row_of,
    visible_conversation,
    why_not_write,
)

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = inbox_of(signed_in(request), cursor=request.GET.get("cursor"))
    context = {"page": page, "more_url": more_url(request.path, page), "nav": "messages"}
    return render_page_or_fragment(
        request, "messaging/inbox.html", context, more="messaging/_conversations.html"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields("text", "idempotency_key", "begun")
def with_member(request: HttpRequest, username: str) -> HttpResponse:
    """Show the conversation with a member, or start it; a POST sends a message."""
    me = signed_in(request)
    other = visible_member(username, viewer=me)
    if other.pk == me.pk:
        raise NotFound
    if request.method == "POST":
        return _send(request, me, other)
    begun = conversation_with(other, me)
    return redirect(begun) if begun else _room(request, me, other, None)


@require_safe
def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    me = signed_in(request)
    found = visible_conversation(conversation_id, me)
    return _room(request, me, others_in([found.id], me)[found.id], found)


@require_safe
def since(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Return the messages after one that the page shows, oldest first."""
    me = signed_in(request)
    found = visible_conversation(conversation_id, me)
    after = as_id(request.GET.get("after", "0"), "after")
    bubbles = cover(messages_in(found, me).filter(id__gt=after)[:100], me)[::-1]
    return render(request, "messaging/_messages.html", {"bubbles": bubbles, "me": me})


@require_safe
def row(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Return the inbox row of a conversation as it is now; for static/js/messages.js."""
    me = signed_in(request)
    page = Page([row_of(visible_conversation(conversation_id, me), me)], "")
    return render(request, "messaging/_conversations.html", {"page": page})


@require_POST
@accepts_fields("up_to")
def read(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Mark messages up to `up_to` as read, after the page has shown them while it was visible."""
    me = signed_in(request)
    up_to = as_id(request.POST.get("up_to", ""), "up_to")
    mark_read(conversation=visible_conversation(conversation_id, me), by=me, up_to=up_to)
    return HttpResponse(status=204)


@require_safe
def seen(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Mark messages as read without JavaScript: the page loads this picture."""
    me = signed_in(request)
    mark_read(conversation=visible_conversation(conversation_id, me), by=me, up_to=message_id)
    return HttpResponse(PICTURE, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@require_POST
def delete(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    me = signed_in(request)
    message = messages_in(visible_conversation(conversation_id, me), me).filter(pk=message_id).first()
    if message is None:
        raise NotFound
    delete_message(message=message, by=me)
    return render_fragment_or_redirect(request, redirect_back(request, "/messages"))


def _send(request: HttpRequest, me: Member, other: Member) -> HttpResponse:
    text = request.POST.get("text", "")
    key = request.POST.get("idempotency_key", "")
    try:
        message = _sent_by_form(me, other, text, key)
    except (Invalid, Forbidden) as refusal:
        return refuse_on_page(
            request,
            refusal,
            lambda why: _room(
                request,
                me,
                other,
                conversation_with(other, me),
                text=text,
                error=why.message,
                status=why.status,
            ),
        )
    there = f"/messages/{message.conversation_id}#end"
    if not request.POST.get("begun"):
        return redirect_page(request, there)
    return render_fragment_or_redirect(
        request,
        redirect(there),
        fragment="messaging/_messages.html",
        context={"bubbles": [message], "me": me},
    )


def _sent_by_form(me: Member, other: Member, text: str, key: str) -> Message:
    try:
        return send_message(by=me, to=other, text=text, idempotency_key=key)
    except KeyReused:
        # A form shown again by the Back button has the same key, but another text is another message.
        return send_message(by=me, to=other, text=text, idempotency_key=key_of_form(key, text))


def _room(
    request: HttpRequest,
    me: Member,
    other: Member,
    found: Conversation | None,
    *,
    text: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    page: Page[Message] = Page([], "")
    if found is not None:
        page = paginate(messages_in(found, me), cursor=request.GET.get("cursor"), size=40)
        cover(page.items, me)
    context = {
        "conversation": found,
        "other": other,
        "me": me,
        "bubbles": page.items[::-1],
        "read_up_to": read_up_to(found, me) if found else 0,
        "earlier_url": more_url(found.get_absolute_url(), page) if found else "",
        "text": text,
        "error": error,
        "message_max": MESSAGE_MAX,
        "why_not": why_not_write(other, by=me),
        "nav": "messages",
    }
    return render_page_or_fragment(
        request, "messaging/conversation.html", context, more="messaging/_earlier.html", status=status
    )
