"""The only HTTP client for addresses that members write. It reaches nothing but public servers, and reads no more and
no longer than it is told.

Every address that a name resolves to is checked, and the connection goes to a checked address: there is no second
resolution that could give another one. Redirects are checked like the first address. It sends no cookies and no
credentials, and doesn't use proxies of the environment. (decision 40)
"""

import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.robotparser import RobotFileParser

import httpcore
from django.conf import settings
from django.core.cache import cache

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS = 3
CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
"""Of waiting for the next bytes. All requests of a fetch together may take settings.OUTBOUND_SECONDS."""
RAW_EXTRA = 256 * 1024
"""Bytes for headers and framing that a response may have beside its body."""
ADDRESSES_TRIED = 2
URL_MAX = 2000
ROBOTS_NAME = "Kith"
ROBOTS_MAX = 100 * 1024
ROBOTS_KEPT = 3600
ROBOTS_KEPT_MAX = 8 * 1024
"""Characters of one that is kept. Longer ones are read again each time: with names of their own servers, members could
fill the cache.
"""

_NOT_PUBLIC = [
    ip_network(network)
    for network in (
        # IPv4: "not globally reachable" in IANA's registry, and multicast, reserved and former 6to4 relays.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # A public address that leads to the host of a virtual machine in Azure.
        "168.63.129.16/32",
        # IPv6, within the unicast range: Teredo and other protocols, documentation, 6to4, 6bone.
        "2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20",
    )
]  # fmt: skip
_UNICAST = IPv6Network("2000::/3")
"""All other IPv6 addresses are local, or embed an IPv4 address (mapped, NAT64)."""
_HOST = re.compile(rb"[a-z0-9._-]{1,253}")
_ISATAP = (0x00005EFE, 0x02005EFE)

Address = IPv4Address | IPv6Address


class FetchError(Exception):
    """Nothing acceptable was received. `is_lasting` if trying again won't help."""

    def __init__(self, reason: str, *, is_lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_lasting = reason, is_lasting


@dataclass(frozen=True)
class Fetched:
    url: str
    """After redirects."""
    kind: str
    """The media type: "text/html"."""
    charset: str
    body: bytes


def fetch(
    url: str, *, kinds: Collection[str], at_most: int, cut: bool = False, robots: bool = True
) -> Fetched:
    """Return what is at the URL if it is of one of these media types. Raises FetchError.

    A body above `at_most` bytes, decompressed, is refused, or with `cut` cut there.
    """
    deadline = time.monotonic() + settings.OUTBOUND_SECONDS
    target = _checked_url(url)
    for _hop in range(MAX_REDIRECTS + 1):
        if robots and settings.OUTBOUND_ROBOTS and not _robots_allow(target, deadline):
            raise FetchError("robots.txt doesn’t allow it", is_lasting=True)
        result = _get(target, deadline, kinds=kinds, at_most=at_most, cut=cut)
        if isinstance(result, Fetched):
            return result
        target = result
    raise FetchError("too many redirects", is_lasting=True)


def normalized_url(url: str) -> str:
    """Return the one spelling of a web address: host in lower case and ASCII, no fragment, no default port. Raises
    FetchError for an address that `fetch` would refuse unseen.
    """
    normal = str(_checked_url(url))
    if len(normal) > URL_MAX:
        raise FetchError("the address is too long", is_lasting=True)
    return normal


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to a public server, or to one that the operator allows."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if _is_in(parsed, tuple(settings.OUTBOUND_ALLOWED_NETWORKS)):
        return True
    if isinstance(parsed, IPv6Address):
        embedded = int(parsed) >> 32 & 0xFFFFFFFF
        if parsed.scope_id or parsed not in _UNICAST or embedded in _ISATAP:
            return False
    return not any(parsed in network for network in _NOT_PUBLIC) and not _is_in(
        parsed, tuple(settings.OUTBOUND_BLOCKED_NETWORKS)
    )


def _is_in(address: Address, networks: tuple[str, ...]) -> bool:
    return any(address in network for network in _parsed(networks))


@lru_cache(maxsize=8)
def _parsed(networks: tuple[str, ...]) -> list[Any]:
    return [ip_network(network, strict=False) for network in networks]


def _checked_url(url: "str | httpx.URL") -> "httpx.URL":
    # Here and below: httpx takes longer to import than all else here, and few processes need it at once.
    import httpx

    try:
        parsed = httpx.URL(url)
        # An internationalized name that can't be encoded fails here.
        host = parsed.raw_host
    except (httpx.InvalidURL, ValueError, TypeError):
        raise FetchError("not a valid address", is_lasting=True) from None
    # As it is sent: an IPv6 address, or a name without spaces and control characters.
    if parsed.scheme not in ("http", "https") or not (b":" in host or _HOST.fullmatch(host)):
        raise FetchError("not a web address", is_lasting=True)
    if parsed.userinfo:
        raise FetchError("the address has a password", is_lasting=True)
    if _port(parsed) not in settings.OUTBOUND_PORTS:
        raise FetchError("not a port for web pages", is_lasting=True)
    return parsed.copy_with(fragment=None)


def _port(url: "httpx.URL") -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _get(
    url: "httpx.URL", deadline: float, *, kinds: Collection[str], at_most: int, cut: bool
) -> "Fetched | httpx.URL":
    """Make one request. Return what it got, or the address that it is redirected to."""
    backend = _CheckedBackend(deadline, raw_max=at_most + RAW_EXTRA)
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=_ssl_context(), max_connections=1, max_keepalive_connections=0,
                network_backend=backend,
            ) as pool,
            pool.stream(
                "GET",
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=_headers(url, kinds),
                extensions={"timeout": {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}},
            ) as response,
        ):  # fmt: skip
            headers = _Headers(response.headers)
            if response.status in (301, 302, 303, 307, 308):
                return _checked_url(_joined(url, headers["location"]))
            _check_status(response.status)
            kind, charset = _media_type(headers["content-type"])
            if kind not in kinds:
                raise FetchError(f"not one of the accepted types: {kind[:80]}", is_lasting=True)
            chunks = response.iter_stream()
            body = _read(chunks, _decoder(headers["content-encoding"]), at_most, deadline, cut=cut)
            return Fetched(url=str(url), kind=kind, charset=charset, body=body)
    except httpcore.TimeoutException:
        raise FetchError("no answer in time") from None
    except (httpcore.NetworkError, OSError):
        raise FetchError("no connection") from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError):
        raise FetchError("not a valid HTTP response", is_lasting=True) from None
    except zlib.error:
        raise FetchError("damaged compression", is_lasting=True) from None


def _headers(url: "httpx.URL", kinds: Collection[str]) -> list[tuple[bytes, bytes]]:
    return [
        (b"Host", url.netloc),
        (b"User-Agent", f"{ROBOTS_NAME}/1.0 (+{settings.SITE_URL}; link preview)".encode("ascii", "replace")),
        (b"Accept", ", ".join(kinds).encode()),
        (b"Accept-Encoding", b"gzip"),
        (b"Connection", b"close"),
    ]


class _Headers:
    """The first value of each header, as text; "" without one."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in raw:
            self._values.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")


def _joined(url: "httpx.URL", location: str) -> "httpx.URL":
    import httpx

    try:
        # Some servers send UTF-8.
        return url.join(location.encode("latin-1").decode("utf-8", "replace"))
    except (httpx.InvalidURL, ValueError):
        raise FetchError("redirected to something that isn’t an address", is_lasting=True) from None


def _check_status(status: int) -> None:
    if status != 200:
        raise FetchError(f"status {status}", is_lasting=status < 500 and status not in (408, 425, 429))


def _media_type(header: str) -> tuple[str, str]:
    kind, _semicolon, rest = header.partition(";")
    charset = ""
    for parameter in rest.split(";"):
        name, _equals, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'").lower()[:40]
    return kind.strip().lower(), charset


def _decoder(coding: str) -> Callable[[bytes, int], bytes]:
    """Return the function that decodes the next bytes into at most so many."""
    match coding.lower():
        case "" | "identity":
            return lambda data, most: data[:most]
        case "gzip" | "x-gzip" | "deflate":
            # 32: gzip or zlib, by their headers.
            return zlib.decompressobj(32 + zlib.MAX_WBITS).decompress
    raise FetchError("unknown compression", is_lasting=True)


def _read(
    chunks: Iterator[bytes],
    decode: Callable[[bytes, int], bytes],
    at_most: int,
    deadline: float,
    *,
    cut: bool,
) -> bytes:
    body = bytearray()
    for chunk in chunks:
        _seconds_left(deadline)
        # One more byte than allowed, to see that there are more. Never 0: for zlib, that is "no limit".
        body += decode(chunk, at_most + 1 - len(body))
        if len(body) > at_most:
            if cut:
                return bytes(body[:at_most])
            raise FetchError("too big", is_lasting=True)
    return bytes(body)


def _robots_allow(url: "httpx.URL", deadline: float) -> bool:
    """Return whether the server's robots.txt lets us read the URL. Without one, it does."""
    key = f"robots:{url.scheme}://{url.netloc.decode()}"
    text: str | None = cache.get(key)
    if text is None:
        text = _robots_text(url.copy_with(raw_path=b"/robots.txt"), deadline)
        if len(text) <= ROBOTS_KEPT_MAX:
            cache.set(key, text, ROBOTS_KEPT)
    rules = RobotFileParser()
    try:
        rules.parse(text.splitlines())
        return rules.can_fetch(ROBOTS_NAME, str(url))
    except ValueError:
        # The parser fails at some lines, like "Disallow: //[". What they forbid isn’t known.
        return False


def _robots_text(url: "httpx.URL", deadline: float) -> str:
    for _hop in range(MAX_REDIRECTS + 1):
        try:
            result = _get(url, deadline, kinds=("text/plain",), at_most=ROBOTS_MAX, cut=True)
        except FetchError as fault:
            if not fault.is_lasting:
                raise
            return ""
        if isinstance(result, Fetched):
            return result.body.decode("utf-8", "replace")
        url = result
    return ""


def _seconds_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchError("no answer in time")
    return left


@lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a name. Spellings of IPv4 addresses (0x7f.1) are names here, and become addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Return the checked addresses of a name. In a thread of its own, because a resolver has no timeout."""
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found.set_result(_addresses(host, port))
        except Exception as fault:
            found.set_exception(fault)

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    try:
        addresses = found.result(seconds)
    except TimeoutError:
        raise FetchError("the name server didn’t answer") from None
    except (OSError, ValueError):
        raise FetchError("no such host") from None
    # All, not only the one that is used: a name that leads to a private address, too, is a trap.
    if not addresses or not all(is_public(address) for address in addresses):
        raise FetchError("not a public address", is_lasting=True)
    return addresses


class _CheckedBackend(httpcore.NetworkBackend):
    """Resolves names, checks the addresses and connects to one of them."""

    def __init__(self, deadline: float, raw_max: int) -> None:
        self._deadline, self._raw_max = deadline, raw_max
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        addresses = _resolve(host, port, min(CONNECT_SECONDS, _seconds_left(self._deadline)))
        last: Exception | None = None
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                stream = self._backend.connect_tcp(
                    address, port, min(CONNECT_SECONDS, _seconds_left(self._deadline))
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                last = fault
            else:
                return _BoundedStream(stream, self._deadline, self._raw_max)
        raise last or httpcore.ConnectError()

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise FetchError("not a web address", is_lasting=True)


class _BoundedStream(httpcore.NetworkStream):
    """A connection that ends at the deadline, however slowly its bytes arrive, and after so many bytes."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float, left: int) -> None:
        self._stream, self._deadline, self._left = stream, deadline, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, min(READ_SECONDS, _seconds_left(self._deadline)))
        self._left -= len(data)
        if self._left < 0:
            raise FetchError("too big", is_lasting=True)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(READ_SECONDS, _seconds_left(self._deadline)))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds = min(READ_SECONDS, _seconds_left(self._deadline))
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return _BoundedStream(stream, self._deadline, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
