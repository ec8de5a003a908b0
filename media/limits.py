"""What videos and audio files may have, in one place with its sentences."""

from django.conf import settings
from django.utils.translation import gettext as _

from core.refusals import Invalid
from media.ffmpeg import program


def check_recording(*, size: int) -> None:
    """Raise Invalid if a video or audio file can’t be processed here, or is larger than allowed."""
    if not program():
        raise Invalid(_("This site can’t process videos and audio files."), code="no_encoder")
    if size > settings.RECORDING_MAX_BYTES:
        raise too_big_recording()


def too_big_recording() -> Invalid:
    return Invalid(
        _("A video or audio file can be up to %(most)s MB.")
        % {"most": settings.RECORDING_MAX_BYTES // 1024 // 1024},
        code="too_large",
    )
