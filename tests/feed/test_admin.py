"""The admin looks at trends and changes none."""

from feed.actions.trends import compute_trends
from tests.factories import make_member, make_post


def test_trends_are_shown_and_cannot_be_changed(client, alice, bob, carol):
    client.force_login(make_member("keeper", is_staff=True, is_superuser=True))
    for member in (alice, bob, carol):
        make_post(member, "#Harvest")
    compute_trends()
    assert "#Harvest" in client.get("/admin/feed/trend/").content.decode()
    assert client.get("/admin/feed/trend/add/").status_code == 403
