from django.db import models


class FormerName(models.Model):
    """The username of a deleted member, as a keyed hash, so that nobody else gets it."""

    digest = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return "A former name"
