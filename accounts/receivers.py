"""Receivers of allauth's signals (connected in apps.py)."""

import secrets
from typing import Any

from allauth.account.signals import email_removed, password_reset, user_logged_in
from allauth.core.internal.httpkit import is_headless_request
from allauth.mfa.signals import authenticator_removed
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from accounts import actions
from accounts.limits import DEVICE_COOKIE, place_digests
from accounts.models import Member

DEVICE_COOKIE_AGE = 60 * 60 * 24 * 365


@receiver(user_logged_in)
def remember_place(request: HttpRequest, response: HttpResponse, user: Member, **rest: Any) -> None:
    """Remember this browser and network; apps have no cookies and are recognized by their network."""
    if not is_headless_request(request) and DEVICE_COOKIE not in request.COOKIES:
        request.COOKIES[DEVICE_COOKIE] = secrets.token_urlsafe(24)
        response.set_cookie(
            DEVICE_COOKIE,
            request.COOKIES[DEVICE_COOKIE],
            max_age=DEVICE_COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    actions.remember_places(member=user, digests=place_digests(request, user))


@receiver(email_removed)
def cancel_address_change(user: Member, **rest: Any) -> None:
    actions.cancel_address_change(member_id=user.pk)


@receiver(password_reset)
def confirm_address_after_reset(user: Member, **rest: Any) -> None:
    actions.confirm_address_by_reset(member=user)


@receiver(authenticator_removed)
def end_other_sessions(request: HttpRequest, user: Member, **rest: Any) -> None:
    """End the other sessions when a second factor is removed, and what is pending."""
    actions.end_sessions(member=user, by=user, spare=request.session.session_key)
