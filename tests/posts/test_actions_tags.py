"""Following hashtags."""

import pytest

from core.refusals import Conflict, NotFound
from posts.actions import delete_post, follow_tag, tags, unfollow_tag, write_post
from posts.models import TagFollow
from posts.queries import tag_follows_of
from social.actions import block_member
from tests.factories import make_member, make_post


def followed(member):
    return [row.tag.label for row in tag_follows_of(member)]


def test_following_a_tag_ignores_case_and_is_idempotent(alice, bob):
    make_post(bob, "Dough #Bread")
    assert follow_tag(name="bread", by=alice)
    assert not follow_tag(name="BREAD", by=alice)
    assert followed(alice) == ["Bread"]
    assert followed(bob) == []


def test_a_tag_without_posts_can_be_unfollowed(alice, bob):
    post = make_post(bob, "#bread")
    follow_tag(name="bread", by=alice)
    delete_post(post=post, by=bob)
    assert unfollow_tag(name="#Bread", by=alice)
    assert not unfollow_tag(name="bread", by=alice)
    assert followed(alice) == []


def test_unused_tags_cannot_be_followed(alice):
    with pytest.raises(NotFound):
        follow_tag(name="never", by=alice)
    assert not TagFollow.objects.exists()


def test_a_tag_of_hidden_posts_is_not_found(alice, bob, carol):
    said = set()
    write_post(by=bob, text="#waiting")
    make_post(carol, "#blocked")
    make_post(make_member("dora", is_private=True), "#private")
    block_member(member=alice, by=carol)
    for name in ("waiting", "blocked", "private", "never", ""):
        with pytest.raises(NotFound) as refusal:
            follow_tag(name=name, by=alice)
        said.add(refusal.value.message)
    assert len(said) == 1


def test_followed_tags_are_limited(alice, bob, monkeypatch):
    monkeypatch.setattr(tags, "FOLLOWED_TAGS_MAX", 2)
    make_post(bob, "#one #two #three")
    follow_tag(name="one", by=alice)
    follow_tag(name="two", by=alice)
    with pytest.raises(Conflict, match="You can follow up to"):
        follow_tag(name="three", by=alice)
    assert not follow_tag(name="two", by=alice)
    unfollow_tag(name="one", by=alice)
    assert follow_tag(name="three", by=alice)
