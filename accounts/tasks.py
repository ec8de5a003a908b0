"""What follows when an account or a session changes."""

from accounts.events import SessionEnded
from core import streams


def close_sockets(event: SessionEnded) -> None:
    """Then we close the sockets of the session, and let the member's others look whether they may stay."""
    streams.close_sockets_of_session(event.session_key)
    streams.recheck_sockets_of(event.member_id)
