"""A member's own follow requests: the page, approving and declining."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import signed_in
from accounts.models import Member
from accounts.queries import visible_member
from core.http import redirect_back, render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url, paginate
from core.text import isolated
from social.actions import approve_all_requests, approve_request, decline_request
from social.queries import relations_of
from social.queries.requests import pending_request_count, received_requests

GONE = gettext_lazy("This request is no longer available.")


@require_safe
def follow_requests(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    context = _list(member, cursor=request.GET.get("cursor"))
    return render_page_or_fragment(request, "social/requests.html", context, more="social/_request_list.html")


@require_POST
def approve(request: HttpRequest, username: str) -> HttpResponse:
    member = signed_in(request)
    requester = visible_member(username, viewer=member)
    approved = approve_request(requester=requester, by=member)
    message = _("%(name)s now follows you.") % {"name": isolated(requester.name)} if approved else str(GONE)
    return _answered(request, requester, message)


@require_POST
def decline(request: HttpRequest, username: str) -> HttpResponse:
    member = signed_in(request)
    requester = visible_member(username, viewer=member)
    refused = decline_request(requester=requester, by=member)
    message = _("Declined %(name)s.") % {"name": isolated(requester.name)} if refused else str(GONE)
    return _answered(request, requester, message)


@require_POST
def approve_all(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    approved = approve_all_requests(by=member)
    if not approved:
        message = _("There were no requests left.")
    elif pending_request_count(member):
        message = ngettext(
            "%(n)s person now follows you. The rest will follow shortly.",
            "%(n)s people now follow you. The rest will follow shortly.",
            approved,
        )
    else:
        message = ngettext("%(n)s person now follows you.", "%(n)s people now follow you.", approved)
    message %= {"n": approved}
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("social:follow_requests")),
        fragment="social/_requests.html",
        context=lambda: _list(member),
        message=message,
    )


def _list(member: Member, cursor: str | None = None) -> dict[str, object]:
    page = paginate(received_requests(member), cursor=cursor)
    return {
        "page": page,
        "people": [row.requester for row in page.items],
        "relations": relations_of(member, [row.requester_id for row in page.items]),
        "more_url": more_url(reverse("social:follow_requests"), page),
        "first": not cursor,
        "nav": "notifications",
    }


def _answered(request: HttpRequest, requester: Member, message: str) -> HttpResponse:
    """Show the result in place of the request, or redirect back."""
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("social:follow_requests")),
        fragment="social/_request_answered.html",
        context={"member": requester, "message": message},
        message=message,
        kind="info",
        toast="",
    )
