from social.views.blocks import block, blocked, blocked_profile, unblock
from social.views.follows import (
    follow,
    followers,
    following,
    hide_reposts,
    known_followers,
    remove,
    unfollow,
    unhide_reposts,
)
from social.views.lists import (
    delete_list,
    edit_list,
    list_add,
    list_choice,
    list_remove,
    new_list,
    own_lists,
)
from social.views.muted_words import edit_word, muted_words, remove_word
from social.views.mutes import mute, muted, unmute
from social.views.privacy import privacy
from social.views.requests import approve, approve_all, decline, follow_requests

__all__ = [
    "approve",
    "approve_all",
    "block",
    "blocked",
    "blocked_profile",
    "decline",
    "delete_list",
    "edit_list",
    "edit_word",
    "follow",
    "follow_requests",
    "followers",
    "following",
    "hide_reposts",
    "known_followers",
    "list_add",
    "list_choice",
    "list_remove",
    "mute",
    "muted",
    "muted_words",
    "new_list",
    "own_lists",
    "privacy",
    "remove",
    "remove_word",
    "unblock",
    "unfollow",
    "unhide_reposts",
    "unmute",
]
