"""What is deleted with a member, and in which order (accounts.actions.erase_member).

Each function takes the id of the member. Those of "steps" delete a few rows at a time and return how many; they are
called until nothing is left, and once more in the transaction that deletes the member. What refers to a member and
isn’t listed here is deleted by its foreign key.
"""

from collections.abc import Mapping, Sequence

ERASURES: Mapping[str, Sequence[str]] = {
    # Called once, before the rest, because they must search for their rows.
    "first": [
        "accounts.erasing.end_sessions",
        "core.erasing.forget_events",
    ],
    "steps": [
        # The text of posts is erased first, so that nothing created from it meanwhile can contain it.
        "posts.erasing.delete_drafts",
        "posts.erasing.erase_posts",
        "posts.erasing.delete_likes",
        "posts.erasing.delete_reposts",
        "posts.erasing.delete_bookmarks",
        "posts.erasing.delete_votes",
        "posts.erasing.unlink_mentions",
        "search.erasing.forget_posts",
        "feed.erasing.forget_interactions",
        "notifications.erasing.forget_notifications",
        "moderation.erasing.forget_reviews",
        "moderation.erasing.blank_decisions",
        "moderation.erasing.hand_over_reports",
        "messaging.erasing.forget_conversations",
        "posts.erasing.delete_posts",
        "social.erasing.end_follows",
        "media.erasing.delete_pictures",
        "media.erasing.discard_attachments",
        "accounts.erasing.delete_exports",
        "accounts.erasing.forget_mails",
        "accounts.erasing.blank_admin_log",
        "core.erasing.forget_keys",
    ],
    # In the transaction that deletes the row.
    "last": [
        "search.erasing.forget_member",
    ],
}
