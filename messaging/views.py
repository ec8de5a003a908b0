from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Member
from accounts.queries import visible_member
from core.api import as_id
from core.http import redirect_back, signed_in, wants_fragment
from core.pages import Page, more_url, paginate
from core.refusals import Forbidden, Invalid, NotFound
from messaging.actions import MESSAGE_MAX, delete_message, mark_read, send_message
from messaging.models import Conversation, Message
from messaging.queries import (
    conversation_with,
    inbox_of,
    messages_in,
    others_in,
    visible_conversation,
    why_not_write,
)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = inbox_of(signed_in(request), cursor=request.GET.get("cursor"))
    more = wants_fragment(request) and "cursor" in request.GET
    template = "messaging/_conversations.html" if more else "messaging/inbox.html"
    return render(request, template, {"page": page, "more_url": more_url(request.path, page)})


@require_http_methods(["GET", "HEAD", "POST"])
def with_member(request: HttpRequest, username: str) -> HttpResponse:
    """The conversation with somebody, whether it has begun or not; what is posted is said there."""
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
    """What was said after a message that the page shows, oldest first."""
    me = signed_in(request)
    found = visible_conversation(conversation_id, me)
    after = as_id(request.GET.get("after", "0"), "after")
    page = messages_in(found, me).filter(id__gt=after)[:100]
    mark_read(conversation=found, by=me)
    return render(request, "messaging/_messages.html", {"bubbles": list(page)[::-1], "me": me})


@require_POST
def delete(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    me = signed_in(request)
    message = messages_in(visible_conversation(conversation_id, me), me).filter(pk=message_id).first()
    if message is None:
        raise NotFound
    delete_message(message=message, by=me)
    return HttpResponse() if wants_fragment(request) else redirect_back(request, "/messages")


def _send(request: HttpRequest, me: Member, other: Member) -> HttpResponse:
    text = request.POST.get("text", "")
    key = request.POST.get("idempotency_key") or None
    try:
        message = send_message(by=me, to=other, text=text, idempotency_key=key)
    except (Invalid, Forbidden) as refusal:
        if wants_fragment(request):
            raise
        return _room(
            request,
            me,
            other,
            conversation_with(other, me),
            text=text,
            error=refusal.message,
            status=refusal.status,
        )
    if wants_fragment(request) and request.POST.get("begun"):
        return render(request, "messaging/_messages.html", {"bubbles": [message], "me": me})
    return HttpResponseRedirect(f"/messages/{message.conversation_id}#end")


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
        mark_read(conversation=found, by=me)
    context = {
        "conversation": found,
        "other": other,
        "me": me,
        "bubbles": page.items[::-1],
        "earlier_url": more_url(found.get_absolute_url(), page) if found else "",
        "text": text,
        "error": error,
        "message_max": MESSAGE_MAX,
        "why_not": why_not_write(other, by=me),
        "nav": "messages",
    }
    more = wants_fragment(request) and "cursor" in request.GET
    return render(
        request, "messaging/_earlier.html" if more else "messaging/conversation.html", context, status=status
    )
