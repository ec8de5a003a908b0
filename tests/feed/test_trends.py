"""Trends count members, not posts; the score falls with age, and hidden posts are left out."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from core.ids import id_at
from feed.actions import trends
from feed.actions.trends import compute_trends, remove_from_trends, score
from feed.models import Trend
from feed.queries.trending import sidebar_tags, trending_posts, trending_tags
from feed.tasks import compute_trends as scheduled
from posts.actions import delete_post, like_post, remove_post
from posts.models import Post, PostTag
from social.actions import mute_word, set_private
from tests.factories import close, make_member, make_post
from tests.feed.conftest import trending_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd():
    return [make_member() for _ in range(5)]


def aged(post, hours):
    """Return the post with a creation time this many hours ago, including its id."""
    at = timezone.now() - timedelta(hours=hours)
    old, tags = post.id, list(post.tags.values_list("tag_id", flat=True))
    post.tags.all().delete()
    post.id = post.root_id = id_at(at)
    post.created_at = post.published_at = at
    post.save(force_insert=True)
    PostTag.objects.bulk_create(PostTag(post=post, tag_id=tag) for tag in tags)
    Post.objects.filter(id=old).delete()
    return post


def test_the_score_follows_the_formula():
    assert score(10, timedelta(hours=2)) == pytest.approx(9 / 8)
    assert score(1, timedelta(hours=5)) == 0
    # A clock that is a little ahead doesn’t raise the score.
    assert score(10, timedelta(hours=-1)) == score(10, timedelta())


def test_a_hashtag_of_three_members_trends_and_of_two_does_not(crowd):
    for member in crowd[:3]:
        make_post(member, "at the #market and by the #sea")
    for member in crowd[:2]:
        make_post(member, "more #rain")
    compute_trends()
    assert sorted(trending_names()) == ["market", "sea"]
    assert {tag.people for tag in trending_tags()} == {3}


def test_one_loud_account_counts_once(crowd):
    for _ in range(20):
        make_post(crowd[0], "buy #watches")
    for member in crowd[:3]:
        make_post(member, "#quiet words")
    compute_trends()
    assert trending_names() == ["quiet"]


def test_spellings_of_a_hashtag_count_together_under_the_first_label(crowd):
    for member, text in zip(crowd, ["#SundayRide", "#sundayride", "#SUNDAYRIDE"], strict=False):
        make_post(member, text)
    compute_trends()
    (tag,) = trending_tags()
    assert (tag.tag, tag.name, tag.people) == ("SundayRide", "sundayride", 3)


def test_of_two_equal_hashtags_the_younger_comes_first(crowd):
    for member in crowd[:4]:
        aged(make_post(member, "#old"), hours=8)
        make_post(member, "#young")
    compute_trends()
    assert trending_names() == ["young", "old"]
    old = Trend.objects.get(tag__name="old")
    assert old.score == pytest.approx(3 / 10**1.5, rel=1e-3)


def test_posts_older_than_a_day_do_not_count(crowd):
    for member in crowd:
        aged(make_post(member, "#yesterday"), hours=25)
    compute_trends()
    assert trending_names() == []


def test_hidden_posts_do_not_count(crowd):
    for member in crowd[:2]:
        make_post(member, "#secret")
    make_post(crowd[2], "#secret", published=False)
    gone = make_post(crowd[3], "#secret")
    Member.objects.filter(pk=gone.author_id).update(is_active=False)
    compute_trends()
    assert trending_names() == []


def test_twenty_trends_are_stored_and_ten_shown(crowd):
    for member in crowd[:3]:
        make_post(member, " ".join(f"#tag{n}" for n in range(25)))
    compute_trends()
    assert Trend.objects.filter(kind=Trend.Kind.TAG).count() == 20
    assert len(trending_tags()) == 10


def test_computing_twice_changes_nothing_and_later_replaces(crowd):
    for member in crowd[:3]:
        make_post(member, "#one #two")
    now = timezone.now()
    compute_trends(now=now)
    compute_trends(now=now)
    assert Trend.objects.count() == 2
    compute_trends(now=now + timedelta(hours=25))
    assert not Trend.objects.exists()


def test_a_post_trends_by_the_number_of_members_who_liked_or_replied(crowd, alice):
    busy, calm, own = make_post(alice, "busy"), make_post(alice, "calm"), make_post(alice, "own")
    for member in crowd[:3]:
        like_post(post=busy, by=member)
        make_post(member, "yes", in_reply_to=busy)
    make_post(crowd[3], "no", in_reply_to=busy)
    for member in crowd[:2]:
        like_post(post=calm, by=member)
        make_post(member, "so calm", in_reply_to=calm)
    # Neither the author nor repeated replies by one member count.
    like_post(post=own, by=alice)
    like_post(post=own, by=crowd[0])
    for _ in range(5):
        make_post(alice, "and", in_reply_to=own)
        make_post(crowd[0], "and", in_reply_to=own)
    compute_trends()
    assert list(trending_posts(None)) == [busy]
    assert Trend.objects.get(kind=Trend.Kind.POST).count == 4


def test_of_two_equal_posts_the_younger_comes_first(crowd, alice):
    old, young = aged(make_post(alice, "old"), hours=5), make_post(alice, "young")
    for member in crowd:
        like_post(post=old, by=member)
        like_post(post=young, by=member)
    compute_trends()
    assert list(trending_posts(None)) == [young, old]


def test_a_removed_post_leaves_the_trends_at_once(crowd, alice):
    post = make_post(alice, "too good")
    for member in crowd:
        like_post(post=post, by=member)
    compute_trends()
    remove_post(post=post, reason="rule 1")
    assert list(trending_posts(alice)) == []


def test_a_hashtag_leaves_at_once_when_its_posts_are_removed(crowd, deliver, settings):
    posts = [make_post(member, "#scam #weather") for member in crowd[:3]]
    for member in crowd[3:]:
        make_post(member, "#weather")
    deliver()
    compute_trends()
    assert sorted(trending_names()) == ["scam", "weather"]
    remove_post(post=posts[0], reason="rule 1")
    deliver()
    assert trending_names() == ["weather"]


def test_a_hashtag_leaves_when_an_author_deletes_a_post(crowd, deliver):
    posts = [make_post(member, "#oops") for member in crowd[:3]]
    deliver()
    compute_trends()
    delete_post(post=posts[0], by=crowd[0])
    deliver()
    assert trending_names() == []


def test_posts_and_hashtags_of_an_account_that_becomes_private_leave(crowd, alice, deliver):
    posts = [make_post(member, "#ours #weather") for member in crowd[:3]]
    for member in crowd[3:]:
        make_post(member, "#weather")
    for member in crowd[1:]:
        like_post(post=posts[0], by=member)
    deliver()
    compute_trends()
    assert sorted(trending_names()) == ["ours", "weather"]
    assert list(trending_posts(crowd[0])) == [posts[0]]
    set_private(by=crowd[0], private=True)
    deliver()
    assert trending_names() == ["weather"]
    assert list(trending_posts(crowd[0])) == []
    assert [tag.name for tag in sidebar_tags()] == ["weather"]


def test_posts_of_a_closed_account_leave_and_its_support_no_longer_counts(crowd, deliver):
    posts = [make_post(member, "#ours #weather") for member in crowd[:3]]
    for member in crowd[3:]:
        make_post(member, "#weather")
    for member in crowd[2:]:
        like_post(post=posts[1], by=member)
    for member in crowd[1:]:
        like_post(post=posts[0], by=member)
    deliver()
    compute_trends()
    assert {tag.name: tag.people for tag in trending_tags()} == {"ours": 3, "weather": 5}
    assert list(trending_posts(None)) == posts[:2]
    close(crowd[0])
    deliver()
    assert {tag.name: tag.people for tag in trending_tags()} == {"weather": 4}
    assert list(trending_posts(None)) == [posts[1]]
    close(crowd[2])
    compute_trends()
    assert list(trending_posts(None)) == [], "two of three likes are left, which is too few"


def test_removing_from_trends_twice_is_the_same(crowd):
    post = make_post(crowd[0], "#fine")
    for member in crowd[1:]:
        make_post(member, "#fine")
    compute_trends()
    for _ in range(2):
        remove_from_trends(post_id=post.id)
    assert trending_names() == ["fine"]


def test_the_sidebar_takes_no_query_when_cached(crowd):
    for member in crowd[:3]:
        make_post(member, " ".join(f"#tag{n}" for n in range(7)))
    compute_trends()
    assert len(sidebar_tags()) == 5
    with CaptureQueriesContext(
        connection,
    ) as asked:
        sidebar_tags()
    assert len(asked) == 0


def test_a_muted_hashtag_is_not_in_the_sidebar(crowd, deliver):
    for member in crowd[:3]:
        make_post(member, "#calm #storm")
    compute_trends()
    mute_word(by=crowd[0], text="#Storm")
    mute_word(by=crowd[1], text="storm", places=["search"])
    assert [tag.name for tag in sidebar_tags(crowd[0])] == ["calm"]
    assert (
        {tag.name for tag in sidebar_tags(crowd[1])}
        == {tag.name for tag in sidebar_tags()}
        == {"calm", "storm"}
    )
    with CaptureQueriesContext(connection) as asked:
        sidebar_tags(crowd[0])
    assert len(asked) == 0
    mute_word(by=crowd[0], text="#calm")
    deliver()
    assert sidebar_tags(crowd[0]) == [], "at once"


def test_the_job_refreshes_the_sidebar(crowd, django_capture_on_commit_callbacks):
    assert sidebar_tags() == []
    for member in crowd[:3]:
        make_post(member, "#news")
    with django_capture_on_commit_callbacks(execute=True):
        scheduled()
    assert [tag.name for tag in sidebar_tags()] == ["news"]


def test_the_job_is_on_the_schedule_often_enough():
    from config.schedule import SCHEDULE

    (entry,) = [entry for entry in SCHEDULE.values() if entry["task"] == scheduled.name]
    assert entry["schedule"] <= 300


def test_the_command_prints_trends(crowd, capsys):
    for member in crowd[:3]:
        make_post(member, "#Ana")
    call_command("trends")
    assert capsys.readouterr().out == "#Ana: 3 people\n1 hashtags and 0 posts are trending.\n"


def test_supporters_are_counted_for_the_likeliest_posts_only(crowd, alice, monkeypatch):
    monkeypatch.setattr(trends, "MAX_COUNTED_POSTS", 1)
    for n in (3, 4):
        post = make_post(alice, f"liked by {n}")
        for member in crowd[:n]:
            like_post(post=post, by=member)
    compute_trends()
    assert [post.text for post in trending_posts(None)] == ["liked by 4"]
