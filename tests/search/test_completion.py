"""Completing mentions and hashtags: who and what is offered, in which order, and what isn't revealed."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from core.refusals import Invalid, TooMany
from posts.actions import follow_tag
from search.actions import index_members
from search.completion import RATE, completions
from social.actions import block_member, follow_member
from tests.factories import close, make_member, make_post

pytestmark = pytest.mark.django_db


def people(typed, viewer, **more):
    return [member.username for member in completions(typed, viewer=viewer, **more).people]


def tags(typed, viewer, **more):
    return [tag.name for tag in completions(typed, viewer=viewer, **more).tags]


@pytest.fixture
def anns(alice):
    """Create four people who match "an": two by username, two by name, one of each followed by Alice."""
    made = [
        make_member("anders", followers_count=1),
        make_member("andrea", followers_count=9),
        make_member("zoe", display_name="Zoë Andrews", followers_count=99),
        make_member("yara", display_name="Ánna", followers_count=999),
    ]
    make_member("bertrand", display_name="Bertrand", bio="Another man")
    for followed in (made[0], made[2]):
        follow_member(member=followed, by=alice)
    index_members(ids=[member.pk for member in made])
    return made


def test_followed_people_come_first_then_usernames_then_names(alice, anns):
    assert people("@an", alice) == ["anders", "zoe", "andrea", "yara"]
    assert people("@AN", alice) == ["anders", "zoe", "andrea", "yara"]
    assert people("@and", alice, size=2) == ["anders", "zoe"]
    assert people("@anx", alice) == []


def test_without_a_letter_people_are_offered_whom_one_followed_last(alice, anns):
    assert people("@", alice) == ["zoe", "anders"]
    assert people("@", anns[0]) == []


def test_hidden_people_and_oneself_are_not_offered(alice, anns):
    anders, andrea, zoe, yara = anns
    block_member(member=andrea, by=alice)
    block_member(member=alice, by=zoe)
    close(yara)
    assert people("@an", alice) == ["anders"]
    assert people("@ali", alice) == []
    assert people("@an", anders) == ["andrea", "zoe"]


def test_usernames_with_signs_are_taken_literally(alice):
    for name in ("a_b", "axb"):
        make_member(name)
    assert people("@a_", alice) == ["a_b"]
    for odd in ("@%", "@'", '@"', "@\\", "@\0", "@*", "@ü", "@" + "a" * 500, "@🙂"):
        assert people(odd, alice) == []


def test_tags_are_ordered_by_their_latest_uses(alice, bob):
    for text in ("#garlic", "#gardening #garlic", "#Gardening", "#gardens", "#Gardening too"):
        make_post(bob, text)
    assert tags("#gar", alice) == ["gardening", "garlic", "gardens"]
    assert tags("#GARD", alice) == ["gardening", "gardens"]
    assert tags("#gar", alice, size=1) == ["gardening"]
    assert tags("#", alice) == []
    follow_tag(name="gardens", by=alice)
    follow_tag(name="garlic", by=alice)
    assert tags("#", alice) == ["garlic", "gardens"]
    for odd in ("#%", "#'", "#-", "#" + "g" * 300):
        assert tags(odd, alice) == []


@pytest.mark.parametrize("visibility", ["unlisted", "followers", "mentioned"])
def test_tags_of_limited_posts_only_are_not_offered(alice, bob, visibility):
    follow_member(member=bob, by=alice)
    make_post(bob, "#secret for @alice", visibility=visibility)
    assert tags("#sec", alice) == tags("#sec", bob) == []


def test_tags_of_private_pending_or_hidden_posts_are_not_offered(alice, bob, carol):
    make_post(bob, "#secrets", published=False)
    assert tags("#sec", bob) == []
    make_post(bob, "#secret")
    cache.clear()
    assert tags("#sec", alice) == ["secret"]
    # Kept for a minute, but shown only to whoever may see a post with it.
    block_member(member=alice, by=bob)
    assert tags("#sec", alice) == []
    assert tags("#sec", carol) == ["secret"]
    bob.is_private = True
    bob.save()
    assert tags("#sec", carol) == []
    cache.clear()
    assert tags("#sec", carol) == []


def test_completing_takes_few_queries(alice, anns, django_assert_max_num_queries):
    make_post(anns[0], "#gardening")
    with django_assert_max_num_queries(4):
        people("@an", alice)
    with django_assert_max_num_queries(3):
        tags("#gar", alice)
    with django_assert_max_num_queries(2):
        tags("#gar", alice)


def test_it_is_limited(alice, monkeypatch):
    with pytest.raises(Invalid):
        completions("an", viewer=alice)
    monkeypatch.setattr("search.completion.RATE", RATE.__class__(2, 60))
    people("@a", alice), tags("#a", alice)
    with pytest.raises(TooMany):
        people("@a", alice)


def test_the_api_and_the_fragment_offer_the_same(client, alice, anns):
    make_post(anns[0], "#Gardening")
    api, page = reverse("api:autocomplete"), reverse("search:autocomplete")
    assert client.get(api, {"q": "@an"}).status_code == 401
    assert client.get(page, {"q": "@an"}).status_code == 302
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    found = client.get(api, {"q": "@an"}).json()
    assert [person["username"] for person in found["people"]] == ["anders", "zoe", "andrea", "yara"]
    assert found["tags"] == []
    assert client.get(api, {"q": "#gar"}).json() == {
        "people": [],
        "tags": [{"name": "gardening", "tag": "Gardening", "url": "/tags/gardening"}],
    }
    assert len(client.get(api, {"q": "@an", "limit": "1"}).json()["people"]) == 1
    options = client.get(page, {"q": "@an"}).text
    assert [options.index(f'data-insert="@{name}"') for name in ("anders", "zoe", "andrea", "yara")]
    assert "<html" not in options
    assert 'data-insert="#Gardening"' in client.get(page, {"q": "#gar"}).text
    for wrong in ("", "an", ":sm"):
        assert client.get(api, {"q": wrong}).status_code == 422
        assert client.get(page, {"q": wrong}).status_code == 422
