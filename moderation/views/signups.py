"""Sign-up requests."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import approve_signup, decline_signup
from accounts.actions.signup import DECLINE_MESSAGE_MAX
from accounts.http import viewer_of
from core.forms import accepts_fields, cleaned
from core.http import render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url
from core.refusals import Conflict
from moderation.forms import SignupDecisionForm
from moderation.queries import moderators_only, signups_page
from moderation.views.tabs import queue_tabs


@require_safe
def signups(request: HttpRequest) -> HttpResponse:
    """List the sign-up requests."""
    viewer = moderators_only(viewer_of(request))
    page = signups_page(viewer, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "more_url": more_url(reverse("moderation:signups"), page),
        "message_max": DECLINE_MESSAGE_MAX,
        "tab": "signups",
        "nav": "moderation",
    }
    return render_page_or_fragment(
        request,
        "moderation/signups.html",
        context,
        fragment="moderation/_signup_list.html",
        page_context=lambda: {"tabs": queue_tabs(viewer)},
    )


@require_POST
@accepts_fields(*SignupDecisionForm.base_fields)
def decide_signup(request: HttpRequest, user_id: int) -> HttpResponse:
    by = moderators_only(viewer_of(request))
    given = cleaned(SignupDecisionForm(request.POST))
    try:
        if given["act"] == "approve":
            new = approve_signup(member_id=user_id, by=by)
            message = _("Approved. They’ll get an email.") if new else _("They’ve already been approved.")
        else:
            decline_signup(member_id=user_id, by=by, message=given["words"])
            message = _("Declined. They’ll get an email, and their account is deleted.")
    except Conflict as refusal:
        # Another moderator was faster: show what is left of the queue.
        return render_fragment_or_redirect(
            request, redirect("moderation:signups"), message=refusal.message, kind="info"
        )
    # The request leaves the list.
    return render_fragment_or_redirect(request, redirect("moderation:signups"), message=message)
