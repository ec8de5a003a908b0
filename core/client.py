"""The client’s address; no other module reads it."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client’s IP address.

    X-Forwarded-For is trusted only hop by hop, from the right, while the hop is one of TRUSTED_PROXIES (addresses or
    networks), so nothing that a client wrote further left is used.
    """
    return _caller(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def socket_address(scope: Mapping[str, Any]) -> str:
    """Return the client’s IP address of a WebSocket, like `client_address`."""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    return _caller((scope.get("client") or ("",))[0], forwarded.decode("latin-1"))


def is_trusted_proxy(address: str) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(
        parsed in network for network in _networks(tuple(settings.TRUSTED_PROXIES))
    )


def _caller(remote: str, forwarded: str) -> str:
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    address = _parse(remote)
    while hops and address is not None and is_trusted_proxy(str(address)):
        earlier = _parse(hops.pop())
        if earlier is None:
            break
        address = earlier
    return str(address) if address is not None else "0.0.0.0"


@lru_cache(maxsize=8)
def _networks(given: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(network, strict=False) for network in given]


def address_group(address: str) -> str:
    """Return the key to count an address by: one IPv4 address, or the /64 of an IPv6 address, which belongs to one
    household.
    """
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text.strip().strip("[]").split("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed
