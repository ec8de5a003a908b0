"""Pages about addresses and second factors, where they go beyond allauth's."""

from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.account.views import INTERNAL_RESET_SESSION_KEY
from allauth.account.views import ConfirmEmailView as AllauthConfirmEmailView
from allauth.account.views import EmailView as AllauthEmailView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView as AllauthActivateTOTPView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.http import CONFIRM_LATER, signed_in
from accounts.mails import address_change_from_key
from accounts.queries import can_be_confirmed
from accounts.second_factor import remember_counter
from accounts.tokens import PasswordResetTokens
from core.addresses import readable_address
from core.http import render_fragment_or_redirect
from core.refusals import NotFound


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_address_change(request: HttpRequest, key: str) -> HttpResponse:
    """Undo a change of address, by the link in the email to the old address, and redirect to choosing a new password.

    Opening the page changes nothing, because mail scanners open it too.
    """
    change = address_change_from_key(key)
    if change is None or request.method != "POST":
        context = {
            "change": change,
            "old": readable_address(change.old) if change else "",
            "new": readable_address(change.new) if change else "",
        }
        return render(request, "accounts/stop_address_change.html", context, status=200 if change else 404)
    member = actions.stop_address_change(change=change)
    request.session.flush()
    request.session[INTERNAL_RESET_SESSION_KEY] = PasswordResetTokens().make_token(member)
    messages.success(
        request, _("The change is stopped and everyone is signed out. Now choose a new password.")
    )
    uid = user_pk_to_url_str(member)
    return redirect(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": "set-password"}))


@require_POST
def confirm_later(request: HttpRequest) -> HttpResponse:
    """Stop reminding the member to confirm their address, for today."""
    signed_in(request)
    request.session[CONFIRM_LATER] = timezone.now().date().isoformat()
    return render_fragment_or_redirect(request, redirect("feed:home"))


class ConfirmEmailView(AllauthConfirmEmailView):
    def get_object(self, queryset: Any = None) -> Any:
        """Raise 404 for an account that has been closed: the page says that the link no longer works."""
        confirmation = super().get_object(queryset)
        if not confirmation.email_address.verified and not can_be_confirmed(confirmation.email_address):
            raise Http404
        return confirmation


class EmailView(AllauthEmailView):
    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Do nothing: there is one address, and confirming another replaces it."""


confirm_email = ConfirmEmailView.as_view()
email = EmailView.as_view()


class ActivateTOTPView(AllauthActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            totp = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
            remember_counter(totp, form.counter)
        return response


activate_totp = ActivateTOTPView.as_view()


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    raise NotFound
