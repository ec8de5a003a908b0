"""Requests to addresses that members write (core.outbound), against hostile servers on this machine.

The "public" server of these tests is 127.0.0.2, which the settings allow; 127.0.0.1 is as private as always.
"""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from core import outbound
from core.outbound import Fetched, FetchError, fetch, is_public, normalized_url
from tests.services import hostile
from tests.services.hostile import Server, redirect, response

HTML = ("text/html",)
AT_MOST = 64 * 1024

PRIVATE = [
    # Loopback, in every spelling that a resolver or a URL parser knows.
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "0177.0.0.1", "0x7f.0.0.1", "0x7f.1", "0x7f000001",
    "2130706433", "017700000001", "0x7F.0x0.0x0.0x1", "127.000.000.001", "localhost", "LOCALHOST", "localhost.",
    "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "127%2e0%2e0%2e1",
    "0.0.0.0", "0", "00.0.0.0", "0x0",
    # Private and link-local networks, carrier NAT, cloud metadata.
    "10.0.0.1", "10.1", "0xa.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "3232235521",
    "169.254.169.254", "169.254.1.1", "0xa9fea9fe", "2852039166", "100.64.0.1", "100.100.100.200", "192.0.0.192",
    "168.63.129.16",
    # Benchmarks, documentation, multicast, reserved, broadcast.
    "198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    # IPv6: loopback, unspecified, link-local, local, multicast, documentation.
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]",
    "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]",
    # IPv6 that embeds IPv4: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:10.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::10.0.0.1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]", "[2001::80ff:fffe]", "[2600:1f00::5efe:7f00:1]", "[2600:1f00::200:5efe:10.0.0.1]",
]  # fmt: skip

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.OUTBOUND_SECONDS = 2.0
    settings.OUTBOUND_ROBOTS = False
    cache.clear()


@pytest.fixture
def server(settings) -> Iterator[Server]:
    with hostile.running("127.0.0.2") as running:
        settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.2/32"]
        settings.OUTBOUND_PORTS = [80, 443, running.port]
        yield running


@pytest.fixture
def private(settings) -> Iterator[Server]:
    """A server that nothing may reach."""
    with hostile.running("127.0.0.1") as running:
        running.pages["/"] = response(b"secret")
        settings.OUTBOUND_PORTS = [*settings.OUTBOUND_PORTS, running.port]
        yield running


def get(url: str, *, cut: bool = False, robots: bool = True) -> Fetched:
    return fetch(url, kinds=HTML, at_most=AT_MOST, cut=cut, robots=robots)


def refusal(url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url)
    return caught.value


def test_a_page_is_returned(server):
    server.pages["/a?b=1"] = response("Grüße".encode())
    page = get(server.url("/a?b=1#part"))
    assert (page.body.decode(), page.kind, page.charset) == ("Grüße", "text/html", "utf-8")
    assert page.url == server.url("/a?b=1")
    head = server.requests[0].decode().lower()
    assert "cookie" not in head
    assert "authorization" not in head
    assert "user-agent: kith/1.0 (+http" in head


def test_sixty_spellings_of_private_addresses_are_never_connected_to(private, settings):
    # 127.0.0.2 isn't allowed here.
    assert len(PRIVATE) >= 60
    settings.OUTBOUND_SECONDS = 5.0
    for host in PRIVATE:
        refusal(f"http://{host}:{private.port}/")
    assert private.connections == 0


def test_a_redirect_to_a_private_address_is_not_followed(server, private):
    for host in PRIVATE[:20] + PRIVATE[-14:]:
        server.pages["/"] = redirect(f"http://{host}:{private.port}/")
        # 127.0.0.2 is the allowed one.
        if host != "127.0.0.2":
            refusal(server.url())
    for location in (
        f"//127.0.0.1:{private.port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "http://",
        "",
    ):
        server.pages["/"] = redirect(location)
        refusal(server.url())
    assert private.connections == 0


def test_a_name_is_resolved_once_for_each_connection_and_that_address_is_used(server, private, monkeypatch):
    server.pages["/"] = response(b"public")
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: answers.pop(0))
    # The private server listens at another port, so what answers is what was checked.
    assert get(server.url(host="rebinding.example")).body == b"public"
    assert len(answers) == 2
    assert refusal(server.url(host="rebinding.example")).is_lasting
    assert refusal(private.url(host="rebinding.example")).is_lasting
    assert private.connections == 0


def test_one_private_address_among_public_ones_refuses_the_name(server, private, monkeypatch):
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert refusal(server.url(host="both.example")).reason == "not a public address"
    assert server.connections == private.connections == 0


def test_a_name_server_that_hangs_is_waited_for_until_the_limit(monkeypatch, settings):
    settings.OUTBOUND_SECONDS = 0.2
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: time.sleep(3))
    began = time.monotonic()
    assert not refusal("http://slow.example/").is_lasting
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address):
    assert is_public(address)


def test_the_operator_can_forbid_and_allow_networks(settings):
    settings.OUTBOUND_BLOCKED_NETWORKS = ["8.8.8.0/24", "2606:4700::/32"]
    settings.OUTBOUND_ALLOWED_NETWORKS = ["10.1.0.0/16"]
    assert [is_public(address) for address in ("8.8.8.8", "2606:4700::1", "10.1.2.3", "10.2.2.3", "1.1.1.1")] == [
        False, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "//example.org/",
        "example.org", "http://", "http:///x", "http://user:password@example.org/", "http://user@example.org/",
        "http://example.org:22/",
        "http://example.org:6379/", "https://example.org:8443/", "http://example.org:99999/", "http://exa mple.org/",
        "http://example.org:80\r\nX: y/", "http://[::1/", "http://%00/", "http://a%0db/", "",
        f"http://example.org/{'a' * 70_000}",
        "http://" + "a" * 300 + ".example/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused_unseen(url, monkeypatch):
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: pytest.fail("looked up"))
    assert refusal(url).is_lasting
    with pytest.raises(FetchError):
        normalized_url(url)


def test_spellings_of_one_address_are_one():
    spellings = ["HTTPS://Example.ORG:443/a", "https://example.org/a", "https://example.org/a#part"]
    assert {normalized_url(url) for url in spellings} == {"https://example.org/a"}
    assert normalized_url("http://münchen.example/ü") == "http://xn--mnchen-3ya.example/%C3%BC"


def test_redirects_are_followed_three_times(server):
    server.pages |= {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
    server.pages["/3"] = response(b"there")
    assert get(server.url("/0")).url == server.url("/3")
    server.pages["/3"] = redirect("/4")
    assert refusal(server.url("/0")).reason == "too many redirects"
    assert server.paths.count("/4") == 0


def test_an_endless_body_is_refused_or_cut(server):
    def endless():
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        while True:
            yield b"a" * 16384

    server.pages["/"] = endless
    assert refusal(server.url()).reason == "too big"
    assert len(get(server.url(), cut=True).body) == AT_MOST


def test_endless_headers_and_interim_responses_end(server):
    def headers():
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X-Y: " + b"a" * 1000 + b"\r\n"

    def interim():
        while True:
            yield b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"

    for page in (headers, interim):
        server.pages["/"] = page
        refusal(server.url())


def test_slow_drips_end_in_time(server, settings):
    settings.OUTBOUND_SECONDS = 0.5

    def slow_body():
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        while True:
            yield b"a"
            yield 0.05

    def slow_headers():
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"a"
            yield 0.05

    def silent():
        yield 3.0

    for page in (slow_body, slow_headers, silent):
        server.pages["/"] = page
        began = time.monotonic()
        fault = refusal(server.url())
        assert (fault.reason, fault.is_lasting) == ("no answer in time", False)
        assert time.monotonic() - began < 1.5
    # Nothing answers the beginning of TLS.
    refusal(server.url().replace("http:", "https:"))


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/png", "text/htmlx", "", "text/html-", "application/xml"]
)
def test_other_types_are_not_read(server, kind):
    server.pages["/"] = response(b"<title>x", kind=kind)
    assert refusal(server.url()).is_lasting


def test_a_gzip_bomb_is_never_inflated(server):
    bomb = gzip.compress(bytes(50 * 1024 * 1024), 9)
    server.pages["/"] = response(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        assert refusal(server.url()).reason == "too big"
        assert len(get(server.url(), cut=True).body) == AT_MOST
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_compressed_pages_are_read_and_odd_compressions_refused(server):
    server.pages["/gzip"] = response(gzip.compress(b"hello"), Content_Encoding="gzip")
    server.pages["/zlib"] = response(zlib.compress(b"hello"), Content_Encoding="deflate")
    assert get(server.url("/gzip")).body == get(server.url("/zlib")).body == b"hello"
    for coding, body in (("br", b"x"), ("gzip, gzip", b"x"), ("gzip", b"not gzip"), ("zstd", b"x")):
        server.pages["/"] = response(body, Content_Encoding=coding)
        assert refusal(server.url()).is_lasting


@pytest.mark.parametrize(
    "answer",
    [b"", b"hello\r\n\r\n", b"HTTP/9.9 200\r\n\r\n", b"\x16\x03\x01\x02", b"HTTP/1.1 99999 x\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: -5\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\nshort",
     b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n"],
)  # fmt: skip
def test_what_is_not_http_is_refused(server, answer):
    server.pages["/"] = answer
    refusal(server.url())


def test_some_failures_last(server):
    for status, lasting in (
        ("404 Not Found", True),
        ("403 Forbidden", True),
        ("500 Oops", False),
        ("429 Slow", False),
    ):
        server.pages["/"] = response(status=status)
        assert refusal(server.url()).is_lasting is lasting


def test_robots_txt_is_followed_and_kept(server, settings):
    settings.OUTBOUND_ROBOTS = True
    rules = b"User-agent: *\nDisallow: /private\n"
    server.pages |= {
        "/robots.txt": response(rules, kind="text/plain"), "/a": response(b"a"), "/private/b": response(b"b"),
        "/c": redirect("/private/b"),
    }  # fmt: skip
    assert get(server.url("/a")).body == b"a"
    assert "robots" in refusal(server.url("/private/b")).reason
    assert "robots" in refusal(server.url("/c")).reason
    assert server.paths == ["/robots.txt", "/a", "/c"]
    assert get(server.url("/private/b"), robots=False).body == b"b"


def test_without_a_robots_txt_all_may_be_read_and_a_broken_server_is_asked_later(server, settings):
    settings.OUTBOUND_ROBOTS = True
    server.pages["/a"] = response(b"a")
    assert get(server.url("/a")).body == b"a"
    cache.clear()
    server.pages["/robots.txt"] = response(status="503 Away")
    assert not refusal(server.url("/a")).is_lasting


def test_a_robots_txt_is_cut_and_its_redirects_are_checked(server, private, settings):
    settings.OUTBOUND_ROBOTS = True
    server.pages["/a"] = response(b"a")
    server.pages["/robots.txt"] = response(b"# long\n" * 100_000, kind="text/plain")
    assert get(server.url("/a")).body == b"a"
    assert get(server.url("/a")).body == b"a"
    assert server.paths.count("/robots.txt") == 2, "it is too long to be kept"
    server.pages["/robots.txt"] = redirect(private.url("/"))
    assert get(server.url("/a")).body == b"a"
    assert private.connections == 0


@pytest.mark.parametrize("line", ["Disallow: //[", "Disallow: http://[", "Request-rate: ²/1"])
def test_a_robots_txt_that_cannot_be_parsed_forbids_everything(server, settings, line):
    settings.OUTBOUND_ROBOTS = True
    rules = f"User-agent: *\n{line}\n".encode()
    server.pages |= {"/a": response(b"a"), "/robots.txt": response(rules, kind="text/plain")}
    assert refusal(server.url("/a")).is_lasting


def test_charsets_are_read_from_the_header(server):
    for kind, charset in (
        ('text/html; charset="ISO-8859-1"', "iso-8859-1"), ("text/html;charset=x;y", "x"), ("TEXT/HTML", ""),
    ):  # fmt: skip
        server.pages["/"] = response(b"x", kind=kind)
        assert get(server.url()).charset == charset
