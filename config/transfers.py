"""Lists that members take along and bring as CSV: kind → how it is written and done (accounts.transfers)."""

from collections.abc import Mapping

TRANSFERS: Mapping[str, str] = {
    "follows": "social.transfers.FOLLOWS",
    "blocks": "social.transfers.BLOCKS",
    "mutes": "social.transfers.MUTES",
    "bookmarks": "posts.transfers.BOOKMARKS",
}
