from django.db import models
from django.utils import timezone

from accounts.models.member import Member


class SignInPlace(models.Model):
    """A browser or network from which a member has signed in, as a keyed hash.

    Guesses from other places don't lock the member out here (accounts.limits).
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="sign_in_places")
    digest = models.CharField(max_length=64)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "digest"], name="sign_in_place_once")]
        indexes = [models.Index(fields=["last_used_at"], name="sign_in_place_age")]

    def __str__(self) -> str:
        return f"A place of {self.member_id}"
