"""Everything that changes how members stand to each other."""

from social.actions.follows import follow_member, import_follows, recount_follows, unfollow_member

__all__ = ["follow_member", "import_follows", "recount_follows", "unfollow_member"]
