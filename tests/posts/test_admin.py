import pytest

from posts.actions import bookmark_post, edit_post, like_post
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client):
    admin = make_member("admin", is_staff=True, is_superuser=True)
    client.force_login(admin)
    return client


def test_posts_are_found_by_number_author_and_words(as_admin, alice, bob):
    post = make_post(alice, "Needle in a haystack")
    other = make_post(bob, "Something else")
    for query in (str(post.id), "alice", "needle"):
        html = as_admin.get("/admin/posts/post/", {"q": query}).content.decode()
        assert f"/admin/posts/post/{post.id}/" in html, query
        assert f"/admin/posts/post/{other.id}/" not in html, query
    assert as_admin.get("/admin/posts/post/", {"state__exact": "removed"}).status_code == 200


def test_every_page_of_the_admin_opens(as_admin, alice, bob):
    post = make_post(alice, "Hello #tag")
    edit_post(post=post, by=alice, text="Hello #tag and <b>")
    like_post(post=post, by=bob)
    bookmark_post(post=post, by=bob)
    for model in ("post", "tag", "like", "postrevision"):
        assert as_admin.get(f"/admin/posts/{model}/").status_code == 200, model
        assert as_admin.get(f"/admin/posts/{model}/", {"q": "x"}).status_code == 200, model
    html = as_admin.get(f"/admin/posts/post/{post.id}/change/").content.decode()
    assert "Hello #tag" in html
    assert "and <b>" not in html


def test_the_admin_is_read_only(as_admin, alice):
    post = make_post(alice, "Hello")
    assert as_admin.get("/admin/posts/post/add/").status_code == 403
    assert as_admin.post(f"/admin/posts/post/{post.id}/change/", {"text": "x"}).status_code == 403
    assert as_admin.post(f"/admin/posts/post/{post.id}/delete/", {"post": "yes"}).status_code == 403


def test_bookmarks_are_private_in_the_admin_too(as_admin):
    assert as_admin.get("/admin/posts/bookmark/").status_code == 404
