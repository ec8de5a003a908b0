import pytest

from tests.factories import make_post

pytestmark = pytest.mark.django_db


def test_pages_open(client, alice, bob):
    p = make_post(alice, "hello #x @bob")
    r1 = make_post(bob, "answer", in_reply_to=p)
    r2 = make_post(alice, "again", in_reply_to=r1)
    for who in (None, bob, alice):
        if who:
            client.force_login(who)
        for path in (p.path, r1.path, r2.path, f"/posts/{p.id}/history"):
            assert client.get(path).status_code == 200, (who, path)
    for path in (
        "/bookmarks",
        "/compose",
        f"/posts/{p.id}/edit",
        f"/posts/{p.id}/delete",
        f"/posts/{p.id}/card",
    ):
        assert client.get(path).status_code == 200, path
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 200, path
