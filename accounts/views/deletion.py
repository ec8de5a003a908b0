"""Deleting an account, and restoring it."""

import time
from datetime import timedelta

from allauth.account import app_settings as allauth_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    raise_if_reauthentication_required,
)
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.forms import DeleteAccountForm
from accounts.http import signed_in
from accounts.limits import place_of
from accounts.models import Member
from accounts.queries import erased_on
from accounts.restoring import forget_restorable_member, restorable_member
from core.forms import accepts_fields, show_refusal
from core.refusals import Forbidden, Invalid, Refusal


@require_http_methods(["GET", "POST"])
@accepts_fields(*DeleteAccountForm.base_fields)
def delete(request: HttpRequest) -> HttpResponse:
    """Explain what deleting means, and ask for the username and proof of identity."""
    member = signed_in(request)
    form = DeleteAccountForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            _confirm_identity(request, member, form.cleaned_data.get("password", ""))
            actions.request_deletion(member=member, by=member)
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            # The session has ended: continue as a visitor.
            request.session.flush()
            return redirect("accounts:goodbye")
    context = {
        "member": member,
        "form": form,
        "days": site.ACCOUNT_GRACE_DAYS,
        "day": timezone.now() + timedelta(days=site.ACCOUNT_GRACE_DAYS),
    }
    return render(request, "accounts/delete.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
def goodbye(request: HttpRequest) -> HttpResponse:
    """Confirm that the account is closed, without naming it."""
    return render(request, "accounts/left.html", {"days": site.ACCOUNT_GRACE_DAYS})


@login_not_required
@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest) -> HttpResponse:
    """Restore the account of someone who has just entered its password."""
    member = restorable_member(request)
    if member is None:
        return redirect(site.LOGIN_URL)
    if request.method == "POST":
        forget_restorable_member(request)
        try:
            actions.restore_account(member=member)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Your account is back. Please sign in."))
        return redirect(site.LOGIN_URL)
    return render(request, "accounts/return.html", {"member": member, "day": erased_on(member)})


def _confirm_identity(request: HttpRequest, member: Member, password: str) -> None:
    """Raise Invalid for a wrong password, ReauthenticationRequired (shown as a page) for members without one."""
    if member.has_usable_password():
        actions.check_password(member=member, password=password, place=place_of(request, member))
    elif get_reauthentication_flows(member):
        raise_if_reauthentication_required(request, app="account")
    else:
        # They can only sign in through another site: then they must have done so just now.
        records = get_authentication_records(request, member)
        if not records or time.time() - records[-1]["at"] > allauth_settings.REAUTHENTICATION_TIMEOUT:
            raise Forbidden(_("Please sign out and back in first, so we know it’s you."))
