"""The views for following: plain forms, fragments and lists of members."""

import pytest
from django.urls import reverse

from accounts.models import Member
from social.actions import follow_member
from social.models import Follow
from tests.factories import make_member

HTMX = {"HX-Request": "true"}


def url(name, member):
    return reverse(f"social:{name}", args=[member.username])


def test_without_scripts_following_redirects_back(client, alice, bob):
    client.force_login(alice)
    answer = client.post(url("follow", bob), headers={"referer": "http://testserver/explore?tab=people"})
    assert answer.status_code == 302
    assert answer["Location"] == "/explore?tab=people"
    assert Follow.objects.by(alice).of(bob).exists()


def test_without_scripts_unfollowing_works(client, alice, bob):
    follow_member(member=bob, by=alice)
    client.force_login(alice)
    answer = client.post(url("unfollow", bob))
    assert answer["Location"] == "/@bob"
    assert not Follow.objects.exists()


def test_the_fragment_has_the_updated_button_and_count(client, alice, bob):
    follow_member(member=alice, by=bob)
    client.force_login(alice)
    page = client.post(url("follow", bob), headers=HTMX).content.decode()
    assert f'id="follow-button-{bob.id}"' in page
    assert 'aria-pressed="true"' in page
    assert url("unfollow", bob) in page
    assert (
        f'<span id="followers-count-{bob.id}" hx-swap-oob="true"><strong>1</strong> follower</span>' in page
    )
    assert "Mutual" in page
    page = client.post(url("unfollow", bob), headers=HTMX).content.decode()
    assert 'aria-pressed="false"' in page
    assert "Follows you" in page


def test_a_small_button_stays_small(client, alice, bob):
    client.force_login(alice)
    page = client.post(url("follow", bob) + "?small", headers=HTMX).content.decode()
    assert "btn-sm" in page


def test_following_twice_with_the_button_follows_once(client, alice, bob):
    client.force_login(alice)
    for _ in range(2):
        assert client.post(url("follow", bob), headers=HTMX).status_code == 200
    bob.refresh_from_db()
    assert bob.followers_count == 1


def test_visitors_are_asked_to_sign_in(client, bob):
    answer = client.post(url("follow", bob))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]
    assert client.post(url("follow", bob), headers=HTMX).status_code == 401
    assert not Follow.objects.exists()


def test_get_requests_do_not_follow(client, alice, bob):
    client.force_login(alice)
    assert client.get(url("follow", bob)).status_code == 405


def test_you_cannot_follow_yourself_with_a_request(client, alice):
    client.force_login(alice)
    assert client.post(url("follow", alice), headers=HTMX).status_code == 422
    assert not Follow.objects.exists()


def test_missing_members_cannot_be_followed(client, alice, bob):
    client.force_login(alice)
    assert client.post("/@nobody/follow", headers=HTMX).status_code == 404
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert client.post(url("follow", bob), headers=HTMX).status_code == 404


def test_followers_are_newest_first_and_paged(client, bob):
    fans = [make_member(f"fan{n:02}") for n in range(25)]
    for fan in fans:
        follow_member(member=bob, by=fan)
    first = client.get(url("followers", bob))
    assert [m.username for m in first.context["page"].items] == [f"fan{n:02}" for n in range(24, 4, -1)]
    more = first.context["more_url"]
    assert more in first.content.decode().replace("&amp;", "&")
    second = client.get(more)
    assert [m.username for m in second.context["page"].items] == [f"fan{n:02}" for n in range(4, -1, -1)]
    assert not second.context["more_url"]


def test_the_next_page_of_people_is_a_fragment_for_htmx(client, alice, bob):
    follow_member(member=bob, by=alice)
    page = client.get(url("followers", bob), headers=HTMX).content.decode()
    assert f'id="person-{alice.id}"' in page
    assert "<html" not in page


def test_mutual_follows_are_marked_in_the_list_of_followees(client, alice, bob, carol):
    follow_member(member=bob, by=alice)
    follow_member(member=carol, by=alice)
    follow_member(member=alice, by=carol)
    client.force_login(alice)
    answer = client.get(url("following", alice))
    assert answer.context["relations"].mutual == {carol.id}
    assert answer.content.decode().count("Mutual") == 1


def test_closed_accounts_are_not_listed(client, alice, bob):
    follow_member(member=bob, by=alice)
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(url("followers", bob)).context["page"].items == []
    assert client.get(url("followers", alice)).status_code == 404


def test_a_forged_cursor_is_refused(client, bob):
    assert client.get(url("followers", bob) + "?cursor=nonsense").status_code == 422


@pytest.mark.parametrize("people", [3, 20])
def test_a_list_of_members_takes_a_fixed_number_of_queries(
    client, alice, bob, people, django_assert_max_num_queries
):
    for _ in range(people):
        follow_member(member=bob, by=make_member())
    client.force_login(alice)
    client.get(url("followers", bob))
    # The viewer, bob, the follows, the viewer’s relations, and the queries of every page.
    with django_assert_max_num_queries(6):
        client.get(url("followers", bob))
