"""The admin shows follows read-only."""

import pytest

from social.actions import follow_member
from social.models import Follow
from tests.factories import make_member


@pytest.fixture
def keeper(client, db):
    keeper = make_member("keeper", is_staff=True, is_superuser=True)
    client.force_login(keeper)
    return keeper


def test_follows_are_searchable_by_name(client, keeper, alice, bob, carol):
    follow_member(member=bob, by=alice)
    follow_member(member=carol, by=bob)
    page = client.get("/admin/social/follow/?q=carol").content.decode()
    assert "@carol" in page
    assert "@alice" not in page


def test_follows_are_read_only_in_the_admin(client, keeper, alice, bob):
    follow_member(member=bob, by=alice)
    follow = Follow.objects.get()
    assert client.get("/admin/social/follow/add/").status_code == 403
    assert client.post(f"/admin/social/follow/{follow.id}/delete/", {"post": "yes"}).status_code == 403
    assert Follow.objects.exists()
