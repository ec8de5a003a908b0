"""Lists that members export and import as CSV: kind → how it is written and read (accounts.transfers)."""

from collections.abc import Mapping

TRANSFERS: Mapping[str, str] = {
    "follows": "social.transfers.FOLLOWS",
    "blocks": "social.transfers.BLOCKS",
    "mutes": "social.transfers.MUTES",
    "bookmarks": "posts.transfers.BOOKMARKS",
}
