from accounts.models import Member
from core.refusals import NotFound


def visible_member(username: str, *, viewer: Member | None) -> Member:
    """The member of that name. Raises NotFound when there is none, or none for this viewer."""
    member = Member.objects.visible_to(viewer).named(username).first()
    if member is None:
        raise NotFound("There is no member of that name.")
    return member
