"""Who may see the moderation pages."""

from accounts.models import Member
from core.refusals import NotFound


def moderators_only(viewer: Member | None) -> Member:
    """Return the viewer if they are a moderator. Raise NotFound for everyone else, as if there were no such page."""
    if viewer is None or not viewer.is_moderator or not viewer.is_active:
        raise NotFound
    return viewer
