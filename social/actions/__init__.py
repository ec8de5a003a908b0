"""Everything that changes how members stand to each other."""

from social.actions.blocks import block_member, unblock_member
from social.actions.dismissals import dismiss_suggestion, restore_suggestion, suggest_no_more
from social.actions.follows import (
    follow_member,
    import_follows,
    recount_follows,
    remove_follower,
    unfollow_member,
)
from social.actions.mutes import forget_expired_mutes, mute_member, unmute_member
from social.actions.requests import (
    approve_all_requests,
    approve_request,
    approve_up_to,
    cancel_request,
    refuse_request,
    set_private,
)
from social.actions.words import edit_muted_word, mute_words, unmute_word

__all__ = [
    "approve_all_requests",
    "approve_request",
    "approve_up_to",
    "block_member",
    "cancel_request",
    "dismiss_suggestion",
    "edit_muted_word",
    "follow_member",
    "forget_expired_mutes",
    "import_follows",
    "mute_member",
    "mute_words",
    "recount_follows",
    "refuse_request",
    "remove_follower",
    "restore_suggestion",
    "set_private",
    "suggest_no_more",
    "unblock_member",
    "unfollow_member",
    "unmute_member",
    "unmute_word",
]
