from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.forms import InviteForm
from accounts.http import signed_in
from accounts.join_form import INVITE_SESSION_KEY, may_try_invite
from accounts.models import signup_mode
from accounts.queries import invites_of, own_invite, valid_invite
from core.forms import accepts_fields, show_refusal
from core.http import render_page_or_fragment
from core.pages import more_url, paginate
from core.refusals import Invalid, TooMany


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Show an applicant what happens next."""
    if request.user.is_authenticated:
        return redirect("/")
    return render(request, "accounts/waiting.html")


@require_safe
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """Show who invites, and store the code for sign-up. All invalid codes look the same."""
    if not may_try_invite(request):
        raise TooMany
    invitation = valid_invite(code)
    if invitation is None:
        return render(request, "accounts/invite_gone.html", status=404)
    if not request.user.is_authenticated:
        request.session[INVITE_SESSION_KEY] = invitation.code
    return render(request, "accounts/invite.html", {"invitation": invitation, "host": invitation.by})


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*InviteForm.base_fields)
def invites(request: HttpRequest) -> HttpResponse:
    """List the member's invites, with a form for another."""
    member = signed_in(request)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.make_invite(by=member, **form.cleaned_data)
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Link created. Copy it and send it to people you want to invite."))
            return redirect("accounts:invites")
    page = paginate(invites_of(member), cursor=request.GET.get("cursor"))
    context = {
        "form": form,
        "page": page,
        "signup_mode": signup_mode(),
        "more_url": more_url(reverse("accounts:invites"), page),
    }
    return render_page_or_fragment(
        request,
        "accounts/invites.html",
        context,
        more="accounts/_invite_list.html",
        status=422 if form.errors else 200,
    )


@require_POST
def revoke_invite(request: HttpRequest, invite_id: int) -> HttpResponse:
    member = signed_in(request)
    actions.revoke_invite(invite=own_invite(invite_id, viewer=member), by=member)
    messages.success(request, _("Link revoked."))
    return redirect("accounts:invites")
