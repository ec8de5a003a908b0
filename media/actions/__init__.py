"""Writes of pictures: first the new file, then the row that names it; then the old file is deleted."""

from media.actions.attachments import (
    attach,
    delete_discarded_files,
    discard,
    discard_of_posts,
    discard_unattached,
    edit_attachment,
    upload_attachment,
)
from media.actions.pictures import (
    change_avatar,
    change_cover,
    delete_pictures,
    remove_avatar,
    remove_cover,
    save_profile,
)

__all__ = [
    "attach",
    "change_avatar",
    "change_cover",
    "delete_discarded_files",
    "delete_pictures",
    "discard",
    "discard_of_posts",
    "discard_unattached",
    "edit_attachment",
    "remove_avatar",
    "remove_cover",
    "save_profile",
    "upload_attachment",
]
