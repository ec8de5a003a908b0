"""Jobs of media."""

from celery import shared_task

from media import actions


@shared_task
def delete_discarded() -> None:
    """Delete the files of discarded attachments: soon after, and by the schedule while the storage was away."""
    while actions.delete_discarded_files():
        pass


@shared_task
def discard_unattached() -> None:
    """Discard uploads that no post was written for."""
    while actions.discard_unattached():
        pass
