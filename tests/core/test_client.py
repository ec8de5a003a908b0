import pytest
from django.test import RequestFactory

from core.client import address_group, client_address


def _address(remote: str, forwarded: str = "") -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


def test_a_client_cannot_choose_its_address() -> None:
    assert _address("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_a_trusted_proxy_is_trusted_for_one_hop_only(settings: object) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]  # type: ignore[attr-defined]
    assert _address("10.0.0.1", "198.51.100.1, 203.0.113.9") == "203.0.113.9"
    assert _address("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.7") == "203.0.113.9"
    assert _address("10.0.0.1", "not an address") == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_ipv6_household_counts_as_one(address: str, group: str) -> None:
    assert address_group(address) == group
