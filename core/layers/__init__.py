"""The channel layer: one dictionary of groups in each process and, between processes, one Redis channel.

Every process has a single subscription, so a live message costs Redis one message per process and not one per socket.
Delivery is at most once by design: a socket that reads too slowly is closed, and after a broken subscription every
socket of the process gets a "gap". Both make the client catch up from the database.
"""

from core.layers.fanout import GAP, FanoutLayer
from core.layers.mailbox import OVERFLOW, Mailbox
from core.layers.pubsub import REDIS_CHANNEL

__all__ = ["GAP", "OVERFLOW", "REDIS_CHANNEL", "FanoutLayer", "Mailbox"]
