"""Starts ffmpeg with little memory and time and without a network (see media.ffmpeg).

`python -I media/encoder.py SECONDS FFMPEG ARGUMENT …` limits itself to so much processor time and becomes ffmpeg. It
imports nothing of the site: a decoder that is exploited finds no secrets.
"""

import contextlib
import os
import signal
import sys

MEMORY = 2 * 1024**3
"""Of address space, most of which is never used: 1080p took 0.2 GB, in an address space of 1.3."""
FILE_MAX = 512 * 1024**2
"""Of each file that it writes."""
OPEN_FILES = 64


def limit(seconds: int) -> None:
    """Limit this process and what it becomes."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_MAX),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    # Pages come first.
    os.nice(10)
    _leave_network()
    _end_with_parent()


def _end_with_parent() -> None:
    """Let the system kill this process when the one that started it was killed: nobody would wait for it or end it, and
    its slot is free for the next. Last, because a change of the user’s rights undoes it.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    set_parent_death_signal = 1
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _leave_network() -> None:
    """Move to a network of its own, which leads nowhere, where the system allows it. ffmpeg is told to open only files
    anyway.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    new_user, new_network = 0x10000000, 0x40000000
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(new_network) != 0:
            libc.unshare(new_user | new_network)
    except (OSError, AttributeError):
        pass


def main() -> None:
    limit(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
