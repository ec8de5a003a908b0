"""Jobs of media."""

from celery import shared_task

from core.jobs import enqueue
from media import actions


@shared_task
def delete_discarded() -> None:
    """Delete the files of discarded attachments: soon after, and by the schedule while the storage was away."""
    while actions.delete_discarded_files():
        pass


@shared_task
def discard_unattached() -> None:
    """Discard uploads that no post was written for, and what killed processes left behind."""
    actions.delete_left_folders()
    while actions.delete_expired_uploads():
        pass
    while actions.discard_unattached():
        pass


@shared_task
def encode(encoding_id: int) -> None:
    """Process a video or audio file, then start the next that waits."""
    if actions.encode_recording(encoding_id=encoding_id):
        encode_waiting()


@shared_task
def encode_waiting() -> None:
    """Send jobs for videos and audio files that wait: for a free encoder, or after a crash or a lost job."""
    for encoding_id in actions.waiting_encodings():
        enqueue(encode, encoding_id)
