"""Everything that changes a post. Keyword-only; each is one transaction and emits what happened."""

from posts.actions.reactions import bookmark_post, like_post, unbookmark_post, unlike_post
from posts.actions.review import hold_post, publish_post, remove_post, restore_post
from posts.actions.writing import delete_post, edit_post, write_post

__all__ = [
    "bookmark_post",
    "delete_post",
    "edit_post",
    "hold_post",
    "like_post",
    "publish_post",
    "remove_post",
    "restore_post",
    "unbookmark_post",
    "unlike_post",
    "write_post",
]
