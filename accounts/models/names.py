from django.db import models


class FormerName(models.Model):
    """That a username belonged to somebody who was erased, so that nobody else gets it: only a keyed hash of it."""

    digest = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return "A former name"
