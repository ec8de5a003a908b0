"""Lookups of numbers outside a column’s range find nothing instead of failing."""

import pytest

from accounts.models import Member
from posts.models import Post, PostTag
from tests.factories import make_post

pytestmark = pytest.mark.django_db
BEYOND = [2**63, -(2**63) - 1, 10**40]


@pytest.mark.parametrize("number", BEYOND)
def test_numbers_beyond_the_column_find_nothing(alice: Member, number: int) -> None:
    post = make_post(alice)
    assert list(Post.objects.filter(pk__in=[number, post.pk])) == [post]
    assert list(Post.objects.filter(pk__in=[number])) == []
    assert list(Post.objects.exclude(pk__in=[number])) == [post]
    assert list(Post.objects.filter(author=number)) == []
    assert list(Post.objects.filter(author__in=[number, alice.pk])) == [post]
    assert list(Post.objects.filter(author_id__in=[number])) == []
    assert list(Post.objects.exclude(author=number)) == [post]
    assert list(PostTag.objects.filter(post__author=number)) == []
    assert list(Post.objects.filter(author__in=Member.objects.filter(pk=alice.pk))) == [post]


@pytest.mark.parametrize(
    "model", ["posts/post", "accounts/signuprequest", "search/postdocument", "auth/group"]
)
@pytest.mark.parametrize("number", BEYOND)
def test_the_admin_finds_nothing_by_numbers_beyond_the_column(admin_client, model: str, number: int) -> None:
    for address in (
        f"/admin/{model}/{number}/change/",
        f"/admin/{model}/?pk__in={number}",
        f"/admin/{model}/?q=1",
    ):
        assert admin_client.get(address).status_code < 500, address


def test_a_selected_row_must_be_a_valid_key(admin_client) -> None:
    for ticked, status in ((str(2**63), 302), ("a", 400), ("1.5", 400)):
        form = {"action": "erase", "_selected_action": ticked, "index": 0}
        assert admin_client.post("/admin/accounts/member/", form).status_code == status, ticked
    assert admin_client.get("/admin/posts/post/1/change/?_to_field=").status_code == 400
    assert admin_client.get("/admin/core/outboxevent/?name=%00").status_code == 400
