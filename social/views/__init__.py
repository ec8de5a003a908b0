from social.views.blocks import block, blocked, blocked_profile, unblock
from social.views.follows import follow, followers, following, known, remove, unfollow
from social.views.lists import (
    delete_list,
    edit_list,
    list_add,
    list_choice,
    list_remove,
    new_list,
    own_lists,
)
from social.views.mutes import mute, muted, unmute
from social.views.privacy import privacy
from social.views.requests import approve, approve_all, follow_requests, refuse
from social.views.words import edit_word, remove_word, words

__all__ = [
    "approve",
    "approve_all",
    "block",
    "blocked",
    "blocked_profile",
    "delete_list",
    "edit_list",
    "edit_word",
    "follow",
    "follow_requests",
    "followers",
    "following",
    "known",
    "list_add",
    "list_choice",
    "list_remove",
    "mute",
    "muted",
    "new_list",
    "own_lists",
    "privacy",
    "refuse",
    "remove",
    "remove_word",
    "unblock",
    "unfollow",
    "unmute",
    "words",
]
