"""What follows when members change how they stand to each other."""

from accounts.models import Member
from social.actions import approve_up_to
from social.events import RequestsApproved


def let_in_the_next(event: RequestsApproved) -> None:
    """Then we let in the next of those who were still waiting."""
    member = Member.objects.filter(pk=event.member_id).first()
    if member is not None:
        approve_up_to(member=member, up_to_id=event.up_to_id)
