"""All writes to posts. Each action is one transaction and emits its events."""

from posts.actions.drafts import create_draft, delete_draft, edit_draft, publish_draft, send_scheduled
from posts.actions.importing import (
    ImportedPoll,
    ImportedPost,
    import_likes,
    import_media,
    import_polls,
    import_posts,
    recount_posts,
)
from posts.actions.links import (
    delete_unused_link_cards,
    fetch_link_card,
    refresh_link_card,
    remove_link_card,
)
from posts.actions.mutes import mute_thread, unmute_thread
from posts.actions.pins import PINS_MAX, pin_post, unpin_post
from posts.actions.polls import edit_poll, end_poll, vote
from posts.actions.quotes import change_quote_policy, revoke_all_quotes, revoke_quote
from posts.actions.reactions import bookmark_post, like_post, unbookmark_post, unlike_post
from posts.actions.reposts import check_can_share, repost_post, undo_repost
from posts.actions.review import hold_post, publish_post, remove_post, restore_post
from posts.actions.states import check_own, lock_post
from posts.actions.tags import follow_tag, unfollow_tag
from posts.actions.threads import write_thread
from posts.actions.views import add_views, record_views, write_views
from posts.actions.writing import delete_post, edit_post, write_post

__all__ = [
    "PINS_MAX",
    "ImportedPoll",
    "ImportedPost",
    "add_views",
    "bookmark_post",
    "change_quote_policy",
    "check_can_share",
    "check_own",
    "create_draft",
    "delete_draft",
    "delete_post",
    "delete_unused_link_cards",
    "edit_draft",
    "edit_poll",
    "edit_post",
    "end_poll",
    "fetch_link_card",
    "follow_tag",
    "hold_post",
    "import_likes",
    "import_media",
    "import_polls",
    "import_posts",
    "like_post",
    "lock_post",
    "mute_thread",
    "pin_post",
    "publish_draft",
    "publish_post",
    "record_views",
    "recount_posts",
    "refresh_link_card",
    "remove_link_card",
    "remove_post",
    "repost_post",
    "restore_post",
    "revoke_all_quotes",
    "revoke_quote",
    "send_scheduled",
    "unbookmark_post",
    "undo_repost",
    "unfollow_tag",
    "unlike_post",
    "unmute_thread",
    "unpin_post",
    "vote",
    "write_post",
    "write_thread",
    "write_views",
]
