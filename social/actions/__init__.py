"""All writes to follows, requests, blocks, mutes and lists."""

from social.actions.blocks import block_member, unblock_member
from social.actions.dismissals import dismiss_suggestion, exclude_from_suggestions, restore_suggestion
from social.actions.follows import (
    follow_member,
    import_follows,
    recount_follows,
    remove_follower,
    show_reposts,
    unfollow_member,
)
from social.actions.muted_words import edit_muted_word, mute_word, unmute_word
from social.actions.mutes import delete_expired_mutes, mute_member, unmute_member
from social.actions.requests import (
    approve_all_requests,
    approve_request,
    approve_up_to,
    cancel_request,
    decline_request,
    set_private,
)

__all__ = [
    "approve_all_requests",
    "approve_request",
    "approve_up_to",
    "block_member",
    "cancel_request",
    "decline_request",
    "delete_expired_mutes",
    "dismiss_suggestion",
    "edit_muted_word",
    "exclude_from_suggestions",
    "follow_member",
    "import_follows",
    "mute_member",
    "mute_word",
    "recount_follows",
    "remove_follower",
    "restore_suggestion",
    "set_private",
    "show_reposts",
    "unblock_member",
    "unfollow_member",
    "unmute_member",
    "unmute_word",
]
