"""Reviews that are due."""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from moderation.models import Review


def due_reviews() -> "QuerySet[Review, int]":
    """Return the ids of reviews to attempt now, longest due first: after a back-off, a crash or a lost job."""
    return Review.objects.due_ids()


def overdue_reviews() -> "QuerySet[Review, int]":
    """Return the ids of due reviews that have no time left to ask the model (REVIEW_TIME_LIMIT)."""
    limit = timezone.now() - timedelta(seconds=settings.REVIEW_TIME_LIMIT)
    return due_reviews().filter(created_at__lte=limit)
