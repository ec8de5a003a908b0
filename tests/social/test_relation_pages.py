"""The pages of follow requests, followers and blocks, as forms and as fragments."""

import pytest
from django.urls import reverse

from accounts.models import Member
from social.actions import approve_request, block_member, follow_member
from social.models import Follow, FollowRequest
from tests.factories import make_member, make_post

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def pia(db):
    return make_member("pia", display_name="Pia", bio="I knit.", is_private=True)


def text(response):
    return response.content.decode()


class TestRequests:
    def test_the_follow_button_of_a_private_account_requests_and_cancels(self, client, pia, alice):
        client.force_login(alice)
        assert "Private account" in text(client.get("/@pia"))
        asked = text(client.post("/@pia/follow", headers=FRAGMENT))
        assert "Requested" in asked
        assert 'formaction="/@pia/unfollow"' in asked
        page = text(client.get("/@pia"))
        assert "Requested" in page
        assert "Follow request sent." in page
        taken_back = text(client.post("/@pia/unfollow", headers=FRAGMENT))
        assert 'formaction="/@pia/follow"' in taken_back
        assert not FollowRequest.objects.exists()

    def test_a_private_profile_shows_the_bio_but_no_posts(self, client, pia, alice):
        post = make_post(pia, "For my followers")
        for viewer in (None, alice):
            if viewer:
                client.force_login(viewer)
            page = text(client.get("/@pia"))
            assert "I knit." in page
            assert "Only followers can see these posts" in page
            assert "For my followers" not in page
            assert client.get(post.path).status_code == 404

    def test_requests_are_listed_approved_and_declined_one_by_one(self, client, pia, alice, bob):
        follow_member(member=pia, by=alice)
        follow_member(member=pia, by=bob)
        client.force_login(pia)
        page = text(client.get("/follow-requests"))
        assert page.index("@bob") < page.index("@alice")
        answered = text(client.post("/follow-requests/@alice/approve", headers=FRAGMENT))
        assert "Alice now follows you." in answered
        answered = client.post("/follow-requests/@bob/refuse")
        assert answered["Location"] == "/follow-requests"
        assert "Declined Bob." in text(client.get("/follow-requests"))
        assert list(Follow.objects.values_list("follower", flat=True)) == [alice.pk]

    def test_a_request_by_a_closed_account_is_not_listed_until_it_is_reopened(self, client, pia, alice):
        follow_member(member=pia, by=alice)
        client.force_login(pia)
        for active in (False, True):
            Member.objects.filter(pk=alice.pk).update(is_active=active)
            assert ("@alice" in text(client.get("/follow-requests"))) == active
            assert ("One person wants" in text(client.get("/@pia"))) == active

    def test_approving_or_declining_a_missing_request_says_so(self, client, pia, alice):
        client.force_login(pia)
        for how in ("approve", "refuse"):
            answered = text(client.post(f"/follow-requests/@alice/{how}", headers=FRAGMENT))
            assert "no longer available" in answered
        assert not Follow.objects.exists()

    @pytest.mark.parametrize("headers", [{}, FRAGMENT])
    def test_all_requests_are_approved_at_once(self, client, pia, alice, bob, headers):
        follow_member(member=pia, by=alice)
        follow_member(member=pia, by=bob)
        client.force_login(pia)
        response = client.post("/follow-requests/approve-all", headers=headers)
        if not headers:
            assert response["Location"] == "/follow-requests"
            assert "2 people now follow you." in text(client.get("/follow-requests"))
        else:
            assert "No requests" in text(response)
        assert Follow.objects.count() == 2

    def test_follow_requests_are_translated(self, client, pia, alice):
        german = {"accept-language": "de"}
        follow_member(member=pia, by=alice)
        client.force_login(pia)
        assert "Eine Person möchte dir folgen" in text(client.get("/@pia", headers=german))
        client.post("/follow-requests/approve-all", headers=german)
        assert "1 Person folgt dir jetzt." in text(client.get("/follow-requests", headers=german))

    def test_requests_are_paged(self, client, pia):
        for _ in range(25):
            follow_member(member=pia, by=make_member())
        client.force_login(pia)
        first = client.get("/follow-requests")
        assert text(first).count("person-asks") == 20
        more = client.get(first.context["more_url"], headers=FRAGMENT)
        assert text(more).count("person-asks") == 5
        assert "<html" not in text(more)

    def test_the_page_takes_the_same_queries_for_few_and_many_requests(
        self, client, pia, django_assert_max_num_queries
    ):
        for _ in range(2):
            follow_member(member=pia, by=make_member())
        client.force_login(pia)
        client.get("/follow-requests")
        with django_assert_max_num_queries(8):
            client.get("/follow-requests")
        for _ in range(18):
            follow_member(member=pia, by=make_member())
        with django_assert_max_num_queries(8):
            client.get("/follow-requests")

    def test_notifications_and_your_own_profile_mention_open_requests(self, client, pia, alice):
        follow_member(member=pia, by=alice)
        client.force_login(pia)
        for page in ("/notifications", "/@pia"):
            assert "One person wants" in text(client.get(page))

    def test_a_request_can_be_approved_on_the_requesters_profile(self, client, pia, alice):
        follow_member(member=pia, by=alice)
        client.force_login(pia)
        page = text(client.get("/@alice"))
        assert "wants to follow you" in page
        assert 'formaction="/follow-requests/@alice/approve"' in page

    def test_visitors_are_asked_to_sign_in(self, client, alice):
        assert client.get("/follow-requests").status_code in (302, 401)
        assert client.post("/follow-requests/@alice/approve").status_code in (302, 401)
        assert client.get("/settings/blocked").status_code in (302, 401)

    def test_get_requests_are_refused(self, client, pia, alice):
        follow_member(member=pia, by=alice)
        client.force_login(pia)
        for path in ("@alice/approve", "@alice/refuse", "approve-all"):
            assert client.get(f"/follow-requests/{path}").status_code == 405
        assert FollowRequest.objects.count() == 1


class TestFollowers:
    def test_followers_of_a_private_account_are_listed_for_its_followers_only(self, client, pia, alice, bob):
        follow_member(member=pia, by=alice)
        approve_request(requester=alice, by=pia)
        for viewer, shown in ((None, False), (bob, False), (alice, True), (pia, True)):
            client.logout()
            if viewer:
                client.force_login(viewer)
            page = text(client.get("/@pia/followers"))
            assert ("Only followers can see this list" not in page) == shown
            assert ('id="person-' in page) == shown

    def test_your_own_followers_can_be_removed(self, client, alice, bob, carol):
        follow_member(member=alice, by=bob)
        follow_member(member=alice, by=carol)
        client.force_login(alice)
        assert 'formaction="/@bob/remove-follower"' in text(client.get("/@alice/followers"))
        assert "remove-follower" not in text(client.get("/@alice/following"))
        assert client.post("/@bob/remove-follower")["Location"] == "/@alice/followers"
        removed = client.post("/@carol/remove-follower", headers=FRAGMENT)
        assert "Removed Carol from your followers." in removed["HX-Trigger"]
        assert not Follow.objects.exists()
        client.force_login(bob)
        assert "remove-follower" not in text(client.get("/@alice/followers"))


class TestBlocks:
    def test_the_menus_of_profiles_and_posts_link_to_the_confirmation(self, client, alice, bob):
        post = make_post(bob)
        client.force_login(alice)
        assert 'href="/@bob/block"' in text(client.get("/@bob"))
        assert 'href="/@bob/block"' in text(client.get(f"/posts/{post.id}/menu"))
        assert "Block @bob?" in text(client.get("/@bob/block"))
        assert client.get("/@bob").status_code == 200

    def test_the_form_blocks_and_the_profile_offers_to_unblock(self, client, alice, bob):
        make_post(bob, "Words of Bob")
        client.force_login(alice)
        response = client.post("/@bob/block", follow=True)
        page = text(response)
        assert response.status_code == 200
        assert "You’ve blocked @bob" in page
        assert 'action="/@bob/unblock"' in page
        assert "Words of Bob" not in page
        for path in ("/@bob/replies", "/@bob/followers", "/@bob/following"):
            assert client.get(path).status_code == 404

    def test_a_blocked_member_cannot_find_the_blocking_member(self, client, alice, bob):
        block_member(member=bob, by=alice)
        client.force_login(bob)
        for path in ("/@alice", "/@alice/followers", "/@alice/block"):
            assert client.get(path).status_code == 404
        for path in ("/@alice/block", "/@alice/unblock", "/@alice/follow"):
            assert client.post(path).status_code == 404

    def test_visitors_and_other_members_can_find_both(self, client, alice, bob, carol):
        block_member(member=bob, by=alice)
        for path in ("/@alice", "/@bob"):
            assert client.get(path).status_code == 200
        client.force_login(carol)
        for path in ("/@alice", "/@bob"):
            assert "You’ve blocked" not in text(client.get(path))

    def test_with_htmx_the_profile_is_reloaded_and_the_post_is_replaced(self, client, alice, bob, carol):
        client.force_login(alice)
        assert client.post("/@bob/block", headers=FRAGMENT)["HX-Redirect"] == "/@bob"
        response = client.post("/@carol/block?post", headers=FRAGMENT)
        assert "You blocked @carol." in text(response)
        assert '"undo": "/@carol/unblock"' in response["HX-Trigger"]

    def test_the_settings_list_blocked_members_with_an_unblock_button(self, client, alice, bob, carol):
        client.force_login(alice)
        assert "You haven’t blocked anyone" in text(client.get("/settings/blocked"))
        block_member(member=bob, by=alice)
        block_member(member=alice, by=carol)
        page = text(client.get("/settings/blocked"))
        assert "@bob" in page
        assert "@carol" not in page
        answered = text(client.post("/@bob/unblock", headers=FRAGMENT))
        assert "@bob unblocked." in answered
        assert client.get("/@bob").status_code == 200
        assert client.post("/@bob/unblock")["Location"] == "/@bob"

    def test_the_settings_link_to_the_blocked_members(self, client, alice):
        client.force_login(alice)
        assert f'href="{reverse("social:blocked")}"' in text(client.get("/settings"))

    def test_you_cannot_block_yourself_with_a_request(self, client, alice):
        client.force_login(alice)
        assert client.post("/@alice/block", headers=FRAGMENT).status_code == 422
