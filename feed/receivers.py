"""Receivers of allauth’s signals (connected in apps.py)."""

from typing import Any

from allauth.account.signals import user_logged_in
from django.dispatch import receiver

from accounts.models import Member
from core.jobs import enqueue


@receiver(user_logged_in)
def refill_suggestions(user: Member, **rest: Any) -> None:
    """Compute suggestions for a member who is new, or who comes back after a long time."""
    enqueue("feed.tasks.refill_suggestions", user.pk)
