"""Who to follow: sources of suggestions, their reasons, and who is never suggested."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.actions import choose_interests
from accounts.models import Member
from core.refusals import Invalid, NotFound
from feed import tasks
from feed.actions.suggestions import compute_suggestions, compute_suggestions_for, refill_suggestions
from feed.models import Suggestion, SuggestionRun
from feed.queries.suggestions import suggestions_for
from feed.suggestions.pools import candidate_pools
from feed.suggestions.scoring import score_suggestions
from posts.actions import like_post
from social.actions import (
    block_member,
    decline_request,
    dismiss_suggestion,
    follow_member,
    mute_member,
    remove_follower,
    restore_suggestion,
    unfollow_member,
)
from social.queries import known_followers_among, known_followers_of
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(db):
    return make_member("dora", display_name="Dora")


def reasons(member):
    """Compute the member’s suggestions and return their reasons as {username: text}."""
    cache.clear()
    compute_suggestions_for(member=member)
    return {found.member.username: found.text for found in suggestions_for(member).items}


def seen(member, *, hours=1):
    """Record that the member was seen some hours ago."""
    session = UserSession.objects.create(
        user=member, session_key=f"s{member.pk}", ip="127.0.0.1", user_agent="x"
    )
    at = timezone.now() - timedelta(hours=hours)
    UserSession.objects.filter(pk=session.pk).update(last_seen_at=at)


# --- Sources -----------------------------------------------------------------------------------------------


def test_followees_of_followees_come_first_with_the_reason(alice, bob, carol, dora):
    follow_member(member=bob, by=alice)
    follow_member(member=dora, by=bob)
    for n in range(5):
        follow_member(member=carol, by=make_member(f"fan{n}"))
    found = reasons(alice)
    assert next(iter(found)) == "dora"
    assert found["dora"] == "Followed by Bob"
    assert found["carol"] == "Popular here"


def test_a_new_member_of_a_small_community_is_suggested_at_once(alice, bob):
    choose_interests(by=alice, topics=["music"])
    compute_suggestions_for(member=alice)
    choose_interests(by=make_member("newcomer"), topics=["music"])
    compute_suggestions_for(member=alice)
    found = {suggested.member.username: suggested.text for suggested in suggestions_for(alice).items}
    assert found["newcomer"] == "Also interested in music"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", ["bob", "alice"])
def test_deleting_a_member_during_the_computation_does_no_harm(alice, bob, carol, monkeypatch, gone):
    def weigh_slowly(members, *rest, **options):
        found = score_suggestions(members, *rest, **options)
        Member.objects.filter(username=gone).delete()
        return found

    monkeypatch.setattr("feed.actions.suggestions.score_suggestions", weigh_slowly)
    compute_suggestions_for(member=alice)
    monkeypatch.undo()
    found = {row.suggested.username for row in Suggestion.objects.filter(member=alice)}
    assert found == ({"carol"} if gone == "bob" else set())


def test_the_pools_of_a_large_community_are_cached(alice, bob, monkeypatch):
    monkeypatch.setattr("feed.suggestions.pools.SMALL_COMMUNITY", 1)
    compute_suggestions_for(member=alice)
    make_member("newcomer")
    compute_suggestions_for(member=alice)
    assert "newcomer" not in {suggested.member.username for suggested in suggestions_for(alice).items}


def test_more_common_followees_weigh_more(alice, bob, carol, dora):
    eve = make_member("eve")
    for friend in (bob, carol):
        follow_member(member=friend, by=alice)
        follow_member(member=eve, by=friend)
    follow_member(member=dora, by=bob)
    found = list(reasons(alice))
    assert found.index("eve") < found.index("dora")


def test_two_followees_are_named_and_the_others_counted(alice, dora):
    for n, name in enumerate(["Ana", "Bo", "Cy", "Di", "Eli"]):
        friend = make_member(f"friend{n}", display_name=name)
        follow_member(member=friend, by=alice)
        follow_member(member=dora, by=friend)
        Member.objects.filter(pk=friend.pk).update(followers_count=100 - n)
    assert reasons(alice)["dora"] == "Followed by Ana, Bo and 3 others you follow"


def test_the_same_chosen_interest_is_a_reason(alice, bob, carol):
    choose_interests(by=alice, topics=["tech"])
    choose_interests(by=bob, topics=["tech"])
    found = reasons(alice)
    assert found["bob"] == "Also interested in technology"
    assert list(found)[0] == "bob"


def test_an_interest_is_named_in_the_language_and_by_the_settings(alice, bob, settings):
    choose_interests(by=alice, topics=["tech"])
    choose_interests(by=bob, topics=["tech"])
    with translation.override("de"):
        assert reasons(alice)["bob"] == "Interessiert sich auch für Technik"
    settings.TOPICS = [{"key": "tech", "label": "NASA", "tags": ["nasa"]}]
    assert reasons(alice)["bob"] == "Also interested in NASA"


def test_a_member_who_posts_about_a_chosen_interest_is_suggested(alice, bob, carol):
    choose_interests(by=alice, topics=["food"])
    make_post(bob, "Sourdough, day four. #Bread")
    assert reasons(alice)["bob"] == "Also interested in food"


def test_a_member_who_posts_about_liked_hashtags_is_suggested(alice, bob, carol):
    like_post(post=make_post(carol, "Up at five for the #Sauna"), by=alice)
    make_post(bob, "No #sauna today")
    found = reasons(alice)
    assert found["bob"] == "Posts about #Sauna"


def test_likes_of_the_suggested_member_are_no_reason(alice, bob, carol):
    make_post(alice, "#python all day")
    like_post(post=make_post(carol, "#python"), by=bob)
    assert reasons(alice)["bob"] == "Popular here"


def test_posts_of_a_private_account_are_no_reason(alice, bob):
    Member.objects.filter(pk=bob.pk).update(is_private=True)
    choose_interests(by=alice, topics=["tech"])
    make_post(bob, "#python in private")
    assert reasons(alice)["bob"] == "Popular here"


def test_members_nearby_are_suggested(alice, bob, carol):
    Member.objects.filter(pk=alice.pk).update(location=" lisbon")
    Member.objects.filter(pk=bob.pk).update(location="Lisbon, Portugal")
    alice.refresh_from_db()
    found = reasons(alice)
    assert found["bob"] == "Popular in lisbon"
    assert found["carol"] == "Popular here"
    Member.objects.filter(pk=bob.pk).update(location="Porto")
    assert {f.member.username: f.text for f in suggestions_for(alice).items}["bob"] == "Suggested for you"


def test_simulated_members_come_after_people(alice, bob):
    make_member("star", is_simulated=True, followers_count=1000)
    found = list(reasons(alice))
    assert found.index("bob") < found.index("star")


# --- Who is never suggested --------------------------------------------------------------------------------


def blocks(alice, bob):
    block_member(member=bob, by=alice)


def is_blocked(alice, bob):
    block_member(member=alice, by=bob)


def mutes(alice, bob):
    mute_member(member=bob, by=alice)


def follows(alice, bob):
    follow_member(member=bob, by=alice)


def asks(alice, bob):
    Member.objects.filter(pk=bob.pk).update(is_private=True)
    follow_member(member=bob, by=alice)


def is_refused(alice, bob):
    asks(alice, bob)
    bob.refresh_from_db()
    decline_request(requester=alice, by=bob)


def is_removed(alice, bob):
    follow_member(member=bob, by=alice)
    remove_follower(follower=alice, by=bob)


def dismisses(alice, bob):
    dismiss_suggestion(member=bob, by=alice)


def bob_closes(alice, bob):
    Member.objects.filter(pk=bob.pk).update(is_active=False)


def bob_hides(alice, bob):
    Member.objects.filter(pk=bob.pk).update(is_discoverable=False)


EXCLUSIONS = [
    blocks, is_blocked, mutes, follows, asks, is_refused, is_removed, dismisses, bob_closes, bob_hides,
]  # fmt: skip


@pytest.mark.parametrize("change", EXCLUSIONS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_excluded_members_are_neither_computed_nor_shown_from_old_rows(alice, bob, carol, dora, change, when):
    for friend in (carol, dora):
        follow_member(member=friend, by=alice)
        follow_member(member=bob, by=friend)
    if when == "after":
        assert "bob" in reasons(alice)
        change(alice, bob)
        assert Suggestion.objects.filter(member=alice, suggested=bob).exists()
        assert "bob" not in {found.member.username for found in suggestions_for(alice).items}
    else:
        change(alice, bob)
        assert "bob" not in reasons(alice)
        assert not Suggestion.objects.filter(member=alice, suggested=bob).exists()


def test_a_member_is_never_suggested_to_themselves(alice, bob):
    choose_interests(by=alice, topics=["tech"])
    make_post(alice, "#python")
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=bob)
    assert "alice" not in reasons(alice)


@pytest.mark.parametrize("change", [is_blocked, mutes, bob_closes])
def test_a_hidden_followee_is_not_named_as_a_reason(alice, bob, dora, change):
    follow_member(member=bob, by=alice)
    follow_member(member=dora, by=bob)
    reasons(alice)
    change(alice, bob)
    assert {f.member.username: f.text for f in suggestions_for(alice).items}["dora"] == "Suggested for you"


def test_an_expired_mute_excludes_no_one(alice, bob):
    mute_member(member=bob, by=alice)
    alice.mutes.update(until=timezone.now() - timedelta(minutes=1))
    assert "bob" in reasons(alice)


# --- Dismissing --------------------------------------------------------------------------------------------


def test_dismissing_twice_is_dismissing_once(alice, bob):
    assert dismiss_suggestion(member=bob, by=alice) is True
    assert dismiss_suggestion(member=bob, by=alice) is False
    assert restore_suggestion(member=bob, by=alice) is True
    assert restore_suggestion(member=bob, by=alice) is False
    assert "bob" in reasons(alice)


def test_dismissing_yourself_or_a_hidden_member_is_refused(alice, bob):
    with pytest.raises(Invalid):
        dismiss_suggestion(member=alice, by=alice)
    block_member(member=alice, by=bob)
    with pytest.raises(NotFound):
        dismiss_suggestion(member=bob, by=alice)


# --- Computing ---------------------------------------------------------------------------------------------


def suggested_to(member):
    return {found.member.username for found in suggestions_for(member).items}


def test_signing_in_computes_suggestions_for_a_member_without_any(
    client, alice, bob, carol, django_capture_on_commit_callbacks
):
    assert suggested_to(alice) == set()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/login/", {"login": "alice", "password": "correct horse"})
    assert suggested_to(alice) == {"bob", "carol"}


def test_signing_up_computes_suggestions(client, bob, django_capture_on_commit_callbacks):
    form = {"email": "new@example.com", "username": "newbie", "password1": "correct horse battery"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/signup/", form)
    assert suggested_to(Member.objects.get(username="newbie")) == {"bob"}


@pytest.mark.parametrize("change", ["follows", "asks", "dismisses"])
def test_a_member_who_runs_out_of_suggestions_gets_new_ones(alice, bob, deliver, change):
    compute_suggestions_for(member=alice)
    make_member("newcomer")
    {"follows": follows, "asks": asks, "dismisses": dismisses}[change](alice, bob)
    assert suggested_to(alice) == set()
    deliver()
    assert suggested_to(alice) == {"newcomer"}


def test_a_member_with_enough_suggestions_keeps_them(alice):
    for _ in range(20):
        make_member()
    assert refill_suggestions(member=alice) is True
    assert refill_suggestions(member=alice) is False
    dismiss_suggestion(member=suggestions_for(alice).items[0].member, by=alice)
    assert refill_suggestions(member=alice) is True


def test_a_closed_account_gets_no_suggestions(alice, bob):
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    tasks.refill_suggestions(alice.pk)
    tasks.refill_suggestions(0)
    assert not SuggestionRun.objects.exists()


def test_pools_are_not_rebuilt_for_each_member_without_suggestions(alice, monkeypatch):
    rebuilds = []

    def counted(now, *, rebuild=False):
        rebuilds.append(rebuild)
        return candidate_pools(now, rebuild=rebuild)

    monkeypatch.setattr("feed.actions.suggestions.candidate_pools", counted)
    compute_suggestions_for(member=alice)
    compute_suggestions_for(member=alice)
    assert rebuilds == [False, True, False]


@pytest.mark.parametrize(
    "path", ["/suggestions", "/suggestions/beside", "/start/people", "/", "/api/suggestions"]
)
def test_reading_suggestions_writes_nothing(client, alice, bob, path):
    client.force_login(alice)
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    assert not [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not SuggestionRun.objects.exists()


def test_reading_suggestions_takes_three_queries(alice, bob, django_assert_max_num_queries):
    compute_suggestions_for(member=alice)
    with django_assert_max_num_queries(3):
        suggestions_for(alice, size=3)


def test_suggestions_are_paged_without_repetition(alice):
    for n in range(45):
        make_member(f"m{n:02}", followers_count=n % 4)
    compute_suggestions_for(member=alice)
    first = suggestions_for(alice, size=20)
    second = suggestions_for(alice, cursor=first.next_cursor, size=20)
    names = [f.member.username for f in (*first.items, *second.items)]
    assert len(names) == len(set(names)) == 30
    assert second.next_cursor == ""


def test_computing_again_replaces_suggestions(alice, bob, carol):
    compute_suggestions_for(member=alice)
    follow_member(member=bob, by=alice)
    compute_suggestions_for(member=alice)
    compute_suggestions_for(member=alice)
    assert [row.suggested for row in Suggestion.objects.filter(member=alice)] == [carol]


def test_the_job_computes_for_active_members_last_seen_first_and_skips_recent_ones(
    alice, bob, carol, dora, monkeypatch
):
    seen(alice, hours=5)
    seen(bob, hours=2)
    seen(carol, hours=24 * 40)
    monkeypatch.setattr("feed.actions.suggestions.MAX_PER_RUN", 1)
    assert compute_suggestions() == 1
    assert set(SuggestionRun.objects.values_list("member", flat=True)) == {bob.pk}
    assert compute_suggestions() == 1
    assert compute_suggestions() == 0
    assert compute_suggestions(now=timezone.now() + timedelta(hours=7)) == 1
    assert not SuggestionRun.objects.filter(member__in=[carol, dora]).exists()


def test_the_job_recomputes_soon_for_members_with_few_suggestions(alice, bob):
    seen(alice)
    now = timezone.now()
    assert compute_suggestions(now=now) == 1
    assert compute_suggestions(now=now + timedelta(minutes=5)) == 0
    assert compute_suggestions(now=now + timedelta(minutes=10)) == 1
    for _ in range(20):
        make_member()
    assert compute_suggestions(now=now + timedelta(minutes=20)) == 1
    assert compute_suggestions(now=now + timedelta(minutes=30)) == 0
    assert compute_suggestions(now=now + timedelta(hours=7)) == 1


def test_the_job_takes_the_same_queries_for_few_and_many_members():
    def asked(count, now):
        members = [make_member() for _ in range(count)]
        for n, member in enumerate(members):
            seen(member)
            follow_member(member=members[n - 1], by=member)
            follow_member(member=members[n - 2], by=member)
            make_post(member, "#python and #sauna")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            compute_suggestions(now=now)
        return sum(query["sql"].startswith("SELECT") for query in queries)

    few = asked(3, timezone.now())
    assert asked(30, timezone.now() + timedelta(hours=7)) <= few + 1
    assert few <= 16


def test_choosing_interests_computes_suggestions_again(alice, bob, deliver):
    make_post(bob, "#python")
    compute_suggestions_for(member=alice)
    cache.clear()
    choose_interests(by=alice, topics=["tech"])
    deliver()
    assert suggestions_for(alice).items[0].text == "Also interested in technology"


# --- Known followers ---------------------------------------------------------------------------------------


def test_known_followers_are_those_the_viewer_follows(alice, bob, carol, dora):
    for member in (bob, carol):
        follow_member(member=dora, by=member)
    follow_member(member=bob, by=alice)
    known = known_followers_among(alice, [dora.pk, bob.pk, alice.pk])
    assert {member_id: entry.text for member_id, entry in known.items()} == {dora.pk: "Followed by Bob"}
    assert [row.follower for row in known_followers_of(dora, viewer=alice)] == [bob]
    assert known_followers_among(None, [dora.pk]) == {}
    assert not known_followers_of(dora, viewer=None)
    unfollow_member(member=bob, by=alice)
    assert known_followers_among(alice, [dora.pk]) == {}


# --- Pages -------------------------------------------------------------------------------------------------

HTMX = {"HX-Request": "true"}


def test_the_page_shows_members_with_reasons_and_buttons(client, alice, bob, dora):
    follow_member(member=bob, by=alice)
    follow_member(member=dora, by=bob)
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    page = client.get("/suggestions").content.decode()
    assert "Followed by Bob" in page
    assert 'formaction="/@dora/follow"' in page
    assert f'formaction="/suggestions/{dora.pk}/dismiss"' in page


def test_dismissing_without_scripts_redirects_back_and_offers_undo(client, alice, bob):
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    answer = client.post(f"/suggestions/{bob.pk}/dismiss", follow=True)
    assert answer.redirect_chain == [("/suggestions", 302)]
    page = answer.content.decode()
    assert "Bob won’t be suggested again." in page
    assert f'action="/suggestions/{bob.pk}/restore"' in page
    assert f'id="person-{bob.pk}"' not in page
    page = client.post(f"/suggestions/{bob.pk}/restore", follow=True).content.decode()
    assert "Bob may be suggested again." in page
    assert f'id="person-{bob.pk}"' in page


def test_in_the_sidebar_the_next_suggestion_replaces_a_dismissed_one(client, alice, bob, carol, dora):
    eve = make_member("eve")
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    first = client.get("/suggestions/beside", headers=HTMX).content.decode()
    assert first.count('class="person person-suggested"') == 3
    shown = [m for m in (bob, carol, dora, eve) if f'id="person-{m.pk}"' in first]
    missing = next(m for m in (bob, carol, dora, eve) if m not in shown)
    answer = client.post(f"/suggestions/{shown[0].pk}/dismiss?beside", headers=HTMX)
    assert f'id="person-{missing.pk}"' in answer.content.decode()
    assert f"/suggestions/{shown[0].pk}/restore" in answer["HX-Trigger"]


def test_the_sidebar_of_a_profile_does_not_suggest_its_owner(client, alice, bob, carol):
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    there = HTMX | {"HX-Current-URL": "http://testserver/@bob"}
    page = client.get("/suggestions/beside", headers=there).content.decode()
    assert f'id="person-{carol.pk}"' in page
    assert f'id="person-{bob.pk}"' not in page


def test_the_sidebar_is_loaded_after_the_page(client, alice, bob):
    client.force_login(alice)
    page = client.get("/@alice").content.decode()
    assert 'hx-get="/suggestions/beside"' in page
    assert f'id="person-{bob.pk}"' not in page
    assert not SuggestionRun.objects.exists()
    client.logout()
    assert "/suggestions" not in client.get("/@alice").content.decode()


@pytest.mark.parametrize("path", ["/suggestions", "/suggestions/beside", "/settings/interests"])
def test_a_visitor_signs_in_first(client, path):
    assert client.get(path)["Location"].startswith("/accounts/login/")


def test_explore_shows_suggestions_first_to_members(client, alice, bob, dora):
    follow_member(member=bob, by=alice)
    follow_member(member=dora, by=bob)
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    assert "Followed by Bob" in client.get("/explore?tab=people").content.decode()
    assert "Followed by Bob" not in client.get("/explore?tab=people&order=popular").content.decode()


def test_a_profile_names_known_followers_and_links_to_all_of_them(client, alice, bob, carol, dora):
    for member in (bob, carol):
        follow_member(member=dora, by=member)
    follow_member(member=bob, by=alice)
    client.force_login(alice)
    page = client.get("/@dora").content.decode()
    assert "Followed by Bob" in page
    assert 'href="/@dora/followers/known"' in page
    people = client.get("/@dora/followers/known").context["page"].items
    assert people == [bob]
    client.logout()
    assert "Followed by" not in client.get("/@dora").content.decode()
    assert client.get("/@dora/followers/known").context["page"].items == []


# --- API ---------------------------------------------------------------------------------------------------


def test_the_api_returns_suggestions_with_reasons(client, alice, bob, dora):
    follow_member(member=bob, by=alice)
    follow_member(member=dora, by=bob)
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    answer = client.get("/api/suggestions?limit=1").json()
    (item,) = answer["items"]
    assert item["user"]["id"] == str(dora.pk)
    assert item["reason"] == {"kind": "followed", "text": "Followed by Bob"}
    assert client.delete(f"/api/suggestions/{dora.pk}").status_code == 204
    assert client.delete(f"/api/suggestions/{dora.pk}").status_code == 204
    assert client.get("/api/suggestions").json()["items"] == []
    for _twice in range(2):
        assert client.post(f"/api/suggestions/{dora.pk}").status_code == 204
        assert client.get("/api/suggestions").json()["items"][0]["user"]["id"] == str(dora.pk)


def test_the_api_requires_signing_in(client, alice):
    assert client.get("/api/suggestions").status_code == 401
    assert client.delete(f"/api/suggestions/{alice.pk}").status_code == 401
    assert client.post(f"/api/suggestions/{alice.pk}").status_code == 401
    assert client.get(f"/api/users/{alice.pk}/followers/known").status_code == 401
    assert client.get("/api/interests").status_code == 401


def test_the_api_does_not_find_a_hidden_member_to_dismiss(client, alice, bob):
    block_member(member=alice, by=bob)
    client.force_login(alice)
    never = client.delete("/api/suggestions/1")
    answer = client.delete(f"/api/suggestions/{bob.pk}")
    assert answer.status_code == never.status_code == 404
    assert client.post(f"/api/suggestions/{bob.pk}").status_code == 404


def test_the_api_lists_known_followers(client, alice, bob, carol, dora):
    for member in (bob, carol):
        follow_member(member=dora, by=member)
    follow_member(member=bob, by=alice)
    client.force_login(alice)
    answer = client.get(f"/api/users/{dora.pk}/followers/known").json()
    assert [item["username"] for item in answer["items"]] == ["bob"]
