from social.views.follows import follow, followers, following, unfollow
from social.views.lists import (
    delete_list,
    edit_list,
    list_add,
    list_choice,
    list_remove,
    new_list,
    own_lists,
)

__all__ = [
    "delete_list",
    "edit_list",
    "follow",
    "followers",
    "following",
    "list_add",
    "list_choice",
    "list_remove",
    "new_list",
    "own_lists",
    "unfollow",
]
