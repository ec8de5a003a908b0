"""Who is calling: the one place that reads the client's address."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's IP address.

    X-Forwarded-For is believed only hop by hop, from the right, while the hop is one of TRUSTED_PROXIES (addresses or
    networks); what a stranger wrote further left is never reached.
    """
    trusted = [ipaddress.ip_network(network, strict=False) for network in settings.TRUSTED_PROXIES]
    address = _parse(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while hops and address is not None and any(address in network for network in trusted):
        earlier = _parse(hops.pop())
        if earlier is None:
            break
        address = earlier
    return str(address) if address is not None else "0.0.0.0"


def address_group(address: str) -> str:
    """The key to count an address by: one IPv4 address, or the /64 of an IPv6 one, which one household holds whole."""
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
