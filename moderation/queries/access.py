"""Who may read what moderators read."""

from accounts.models import Member
from core.refusals import NotFound


def moderators_only(viewer: Member | None) -> Member:
    """The moderator. Raises NotFound for everybody else: the workspace is not there for them."""
    if viewer is None or not viewer.is_moderator or not viewer.is_active:
        raise NotFound
    return viewer
