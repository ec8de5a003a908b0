"""Check on the running site that after a session ends, its sockets close within two seconds and the next request with
its cookie or tokens is refused, while other sessions continue.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from core.consumers import NO_LONGER_ALLOWED
from tests.services.site import Site

PASSWORD = "correct horse"
WITHIN = 2.0
MAKE = """
from tests.factories import make_member
for name in %r:
    make_member(name, is_staff=name.startswith("boss"), is_superuser=name.startswith("boss"))
"""


class Device:
    """A browser that is signed in and has an open socket."""

    def __init__(self, site: Site, name: str, opened: ExitStack) -> None:
        self.site = site
        self.http = opened.enter_context(httpx.Client(base_url=site.url, timeout=20))
        self.http.get("/accounts/login/")
        self.post("/accounts/login/", login=name, password=PASSWORD)
        self.socket_url = site.url.replace("http", "ws", 1) + "/ws/live"
        self.socket: ClientConnection = opened.enter_context(
            connect(
                self.socket_url,
                origin=Origin(site.url),
                additional_headers={"Cookie": f"sessionid={self.http.cookies['sessionid']}"},
            )
        )

    def post(self, path: str, **fields: str) -> None:
        headers = {"X-CSRFToken": self.http.cookies["csrftoken"], "Origin": self.site.url}
        answer = self.http.post(path, data=fields, headers=headers)
        assert answer.status_code == 302, answer.text

    @property
    def is_signed_in(self) -> bool:
        return self.http.get("/settings").status_code == 200

    @property
    def hears(self) -> bool:
        self.socket.send('{"type": "ping"}')
        return bool(json.loads(self.socket.recv(timeout=5))["type"] == "pong")

    def seconds_until_closed(self, since: float) -> float:
        return seconds_until_closed(self.socket, since)


def seconds_until_closed(socket: ClientConnection, since: float) -> float:
    with pytest.raises(ConnectionClosed) as closed:
        _listen(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == NO_LONGER_ALLOWED
    return time.monotonic() - since


def _listen(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=WITHIN + 3)


@pytest.fixture(scope="module")
def names(live_site: Site) -> Iterator[str]:
    """Create members with a password and return their names; those that begin with boss are staff."""
    made = [f"{kind}_{number}" for number in range(6) for kind in ("alice_s", "bob_s", "boss_s")]
    live_site.shell(MAKE % made)
    return iter(made)


@pytest.fixture
def three(names: Iterator[str]) -> tuple[str, str, str]:
    return next(names), next(names), next(names)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def devices(live_site: Site, three: tuple[str, str, str], opened: ExitStack) -> tuple[Device, Device, Device]:
    """Sign in Alice on two devices, and Bob on one."""
    alice, bob, _ = three
    return Device(live_site, alice, opened), Device(live_site, alice, opened), Device(live_site, bob, opened)


def test_signing_out_one_session_in_the_list_ends_only_that_session(
    devices: tuple[Device, Device, Device],
) -> None:
    here, there, other = devices
    page = here.http.get("/settings/sessions").text
    session = page.split('name="session" value="')[1].split('"')[0]
    started = time.monotonic()
    here.post("/settings/sessions/end", session=session)
    assert not there.is_signed_in, "the next request is refused"
    assert there.seconds_until_closed(started) < WITHIN
    assert here.is_signed_in
    assert here.hears
    assert other.hears


def test_signing_out_all_other_sessions_keeps_this_one(devices: tuple[Device, Device, Device]) -> None:
    here, there, other = devices
    started = time.monotonic()
    here.post("/settings/sessions/end")
    assert there.seconds_until_closed(started) < WITHIN
    assert not there.is_signed_in
    assert here.is_signed_in
    assert here.hears
    assert other.hears


def test_signing_out_closes_its_own_socket_and_no_other(devices: tuple[Device, Device, Device]) -> None:
    here, there, _ = devices
    started = time.monotonic()
    here.post("/accounts/logout/")
    assert here.seconds_until_closed(started) < WITHIN
    assert there.is_signed_in
    assert there.hears


def test_a_new_password_ends_other_sessions(devices: tuple[Device, Device, Device]) -> None:
    here, there, other = devices
    new = {"oldpassword": PASSWORD, "password1": "another long horse", "password2": "another long horse"}
    here.post("/accounts/password/change/", **new)
    # The time starts after the response, because hashing three passwords is slow.
    started = time.monotonic()
    assert there.seconds_until_closed(started) < WITHIN
    assert not there.is_signed_in
    assert here.is_signed_in
    assert other.hears


def test_suspending_a_member_ends_all_their_sessions(
    devices: tuple[Device, Device, Device], live_site: Site, three: tuple[str, str, str], opened: ExitStack
) -> None:
    here, there, other = devices
    boss = Device(live_site, three[2], opened)
    alice = here.http.get("/api/profile").json()["id"]
    started = time.monotonic()
    boss.post("/admin/accounts/member/", action="deactivate", _selected_action=alice)
    assert here.seconds_until_closed(started) < WITHIN
    assert there.seconds_until_closed(started) < WITHIN
    assert not here.is_signed_in
    assert not there.is_signed_in
    assert other.hears


def test_tokens_of_an_ended_session_are_refused(
    devices: tuple[Device, Device, Device], three: tuple[str, str, str], live_site: Site, opened: ExitStack
) -> None:
    app = opened.enter_context(httpx.Client(base_url=live_site.url, timeout=20))
    who = {"username": three[0], "password": PASSWORD}
    tokens = app.post("/_allauth/app/v1/auth/login", json=who).json()["meta"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert app.get("/api/profile", headers=bearer).status_code == 200
    socket = opened.enter_context(connect(devices[0].socket_url, additional_headers=bearer))
    socket.send('{"type": "ping"}')
    assert json.loads(socket.recv(timeout=5)) == {"type": "pong"}
    started = time.monotonic()
    devices[0].post("/settings/sessions/end")
    assert seconds_until_closed(socket, started) < WITHIN
    assert app.get("/live/since", headers=bearer).status_code == 401
    assert app.get("/api/profile", headers=bearer).status_code == 401
    refresh = {"refresh_token": tokens["refresh_token"]}
    assert app.post("/_allauth/app/v1/tokens/refresh", json=refresh).status_code == 400
