"""Writes of media: pictures of profiles, and what members upload for posts."""

from media.actions.attachments import (
    attach,
    describe,
    discard,
    discard_of_posts,
    discard_unattached,
    edit_attachment,
)
from media.actions.captions import remove_captions, set_captions
from media.actions.discarded import delete_discarded_files
from media.actions.pictures import (
    change_avatar,
    change_cover,
    delete_pictures,
    remove_avatar,
    remove_cover,
    save_profile,
)
from media.actions.recordings import delete_left_folders, encode_recording, retry_encoding, waiting_encodings
from media.actions.resumable import add_part, begin_upload, cancel_upload, delete_expired_uploads
from media.actions.uploads import upload_attachment

__all__ = [
    "add_part",
    "attach",
    "begin_upload",
    "cancel_upload",
    "change_avatar",
    "change_cover",
    "delete_discarded_files",
    "delete_expired_uploads",
    "delete_left_folders",
    "delete_pictures",
    "describe",
    "discard",
    "discard_of_posts",
    "discard_unattached",
    "edit_attachment",
    "encode_recording",
    "remove_avatar",
    "remove_captions",
    "remove_cover",
    "retry_encoding",
    "save_profile",
    "set_captions",
    "upload_attachment",
    "waiting_encodings",
]
