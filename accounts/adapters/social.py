"""Signing in with an account on another site."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.join_form import INVITE_SESSION_KEY, invite_in_session
from accounts.models import DISPLAY_NAME_MAX, Member, SignupMode, signup_mode
from accounts.providers import validating
from accounts.queries import belongs_to_another, free_username
from core.text import clean_line


class NoSuchProvider(Http404, SocialApp.DoesNotExist):
    """What allauth catches; where it doesn't, the response is 404."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": _(
            "There’s already an account with this address. Sign in to it, then connect your %s "
            "account in Settings."
        ),
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        for address in sociallogin.email_addresses:
            # Some providers send "false", which is truthy.
            address.verified = address.verified in (True, "true")

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Member:
        member: Member = super().populate_user(request, sociallogin, data)
        name = data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}"
        member.display_name = clean_line(name)[:DISPLAY_NAME_MAX]
        member.language = get_language() or ""
        return member

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return a provider; one that isn't set up has no routes either."""
        try:
            found = super().get_provider(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise NoSuchProvider from None
        return validating(found)

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Skip the form, unless it has to ask for a username (theirs is taken here, or they have none), a reason or an
        invite, or to say that the address has an account.
        """
        asks = signup_mode() is not SignupMode.OPEN and invite_in_session(request) is None
        here = any(a.verified and belongs_to_another(a.email) for a in sociallogin.email_addresses)
        name = sociallogin.user.username
        named = bool(name) and free_username(name) == name.lower()
        return named and not asks and not here and bool(super().is_auto_signup_allowed(request, sociallogin))

    def get_signup_form_initial_data(self, sociallogin: Any) -> dict[str, Any]:
        """Suggest a username that is free."""
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        hint = initial["username"] or initial["email"] or sociallogin.user.display_name
        return initial | {"username": free_username(hint)}

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Member:
        # An address that belongs to another account here isn't this one's, whatever the provider says.
        sociallogin.email_addresses = [
            a for a in sociallogin.email_addresses if not belongs_to_another(a.email)
        ]
        new = sociallogin.user
        if form is None and new.email:
            state = Member.EmailState
            proven = any(a.verified and a.email == new.email for a in sociallogin.email_addresses)
            free = state.TRUSTED if proven else state.GIVEN
            new.email_state = state.TAKEN if belongs_to_another(new.email) else free
        with transaction.atomic():
            member: Member = super().save_user(request, sociallogin, form)
            if form is None:
                # With a form, the account adapter has created and admitted the member.
                actions.admit(member=member, invite=request.session.pop(INVITE_SESSION_KEY, ""))
        return member
