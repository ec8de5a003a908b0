"""New accounts weigh little in trends, and trends supported only by them wait for a moderator."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.refusals import Conflict, Invalid, NotFound
from feed.actions.trends import compute_trends, score
from feed.models import Trend
from feed.queries.trending import sidebar_tags, trending_posts, trending_tags
from moderation.actions import decide_post, decide_trend, hide_tag
from moderation.models import Decision, TrendReview
from moderation.queries import Supporters, trends_count, trends_page
from posts.actions import like_post, remove_post
from posts.models import Post
from tests.factories import make_member, make_post
from tests.feed.conftest import trending_names

pytestmark = pytest.mark.django_db


def fresh(count, days=0):
    return [make_member(joined_at=timezone.now() - timedelta(days=days)) for _ in range(count)]


def known(count):
    return fresh(count, days=30)


def use(tag, *members):
    return [make_post(member, f"about #{tag}") for member in members]


def waiting():
    return {
        str(row.tag.name if row.tag else row.post_id): row.people for row in TrendReview.objects.waiting()
    }


def score_of(tag):
    return Trend.objects.get(tag__name=tag).score


@pytest.mark.parametrize(
    ("supporters", "weight", "needs_review"),
    [
        (Supporters(3, 0, 0), 3, False),
        (Supporters(2, 0, 1), 2.2, False),
        (Supporters(0, 0, 3), 0, True),
        (Supporters(0, 4, 0), 2, True),
        (Supporters(1, 0, 50), 1.5, True),
        (Supporters(1, 2, 0), 2, False),
        (Supporters(2, 0, 100), 3, False),
    ],
)
def test_the_weight_of_supporters(supporters, weight, needs_review):
    assert supporters.weight == pytest.approx(weight)
    assert supporters.needs_review is needs_review
    assert supporters.weight <= supporters.people


def test_a_hashtag_of_three_new_accounts_waits_for_a_moderator():
    use("fresh", *fresh(3))
    use("settled", *known(3))
    compute_trends()
    assert trending_names() == ["settled"]
    assert waiting() == {"fresh": 3}
    compute_trends()
    assert waiting() == {"fresh": 3}, "once"


def test_a_hashtag_of_many_new_accounts_and_one_known_waits_too():
    use("pushed", *known(1), *fresh(12))
    compute_trends()
    assert trending_names() == []
    assert waiting() == {"pushed": 13}


def test_known_accounts_count_fully():
    use("calm", *known(4))
    now = timezone.now()
    compute_trends(now=now)
    row = Trend.objects.get()
    assert row.count == 4
    assert row.score == pytest.approx(score(4, timedelta()), rel=1e-3)


def test_new_accounts_weigh_little_and_are_counted_fully():
    use("mixed", *known(2), *fresh(4))
    use("settled", *known(3))
    compute_trends()
    assert trending_names() == ["settled", "mixed"]
    assert {tag.name: tag.people for tag in trending_tags()} == {"settled": 3, "mixed": 6}
    assert score_of("mixed") == pytest.approx(score(2.8, timedelta()), rel=1e-3)


def test_a_member_with_a_removed_post_counts_like_a_new_account(moderator):
    members = known(3)
    for member in members[:2]:
        decide_post(post_id=make_post(member, "Bad").id, by=moderator, act="remove", reason="Bad.")
    use("loud", *members)
    compute_trends()
    assert trending_names() == []
    assert waiting() == {"loud": 3}


def test_a_verified_member_is_known_from_the_first_day():
    verified = [make_member(joined_at=timezone.now(), is_verified=True) for _ in range(3)]
    use("opening", *verified)
    compute_trends()
    assert trending_names() == ["opening"]


def test_a_post_liked_by_new_accounts_only_waits_too(alice):
    pushed, loved = make_post(alice, "pushed"), make_post(alice, "loved")
    for member in fresh(4):
        like_post(post=pushed, by=member)
    make_post(fresh(1)[0], "so true", in_reply_to=pushed)
    for member in known(3):
        like_post(post=loved, by=member)
    compute_trends()
    assert list(trending_posts(None)) == [loved]
    assert waiting() == {str(pushed.id): 5}


def test_a_moderator_allows_a_trend_and_undoes_it(moderator, deliver):
    use("fresh", *fresh(3))
    compute_trends()
    assert sidebar_tags() == []
    row = TrendReview.objects.get()
    decide_trend(trend_id=row.id, by=moderator, act="allow", seen="waiting")
    deliver()
    assert trending_names() == ["fresh"]
    assert [tag.name for tag in sidebar_tags()] == ["fresh"]
    decide_trend(trend_id=row.id, by=moderator, act="hide")
    deliver()
    assert trending_names() == []
    assert waiting() == {}
    assert list(Decision.objects.order_by("id").values_list("act", "post_text", "by")) == [
        ("allow", "#fresh", moderator.pk),
        ("unlist", "#fresh", moderator.pk),
    ]


def test_a_moderator_hides_any_hashtag(moderator, deliver):
    use("Rude", *known(5))
    compute_trends()
    assert trending_names() == ["rude"]
    row = hide_tag(name=" #RUDE ", by=moderator)
    deliver()
    assert trending_names() == []
    assert hide_tag(name="rude", by=moderator) == row
    assert Decision.objects.count() == 1, "twice is once"
    with pytest.raises(Invalid):
        hide_tag(name="nobody_used_this", by=moderator)


def test_a_moderator_allows_and_hides_a_post(moderator, alice, deliver):
    post = make_post(alice, "pushed")
    for member in fresh(4):
        like_post(post=post, by=member)
    compute_trends()
    row = TrendReview.objects.get(post=post)
    decide_trend(trend_id=row.id, by=moderator, act="allow")
    deliver()
    assert list(trending_posts(None)) == [post]
    decide_trend(trend_id=row.id, by=moderator, act="hide")
    deliver()
    assert list(trending_posts(None)) == []
    post.refresh_from_db()
    assert post.is_published, "it is only out of the trends"


def test_a_permission_expires_and_is_reviewed_again(moderator):
    use("fresh", *fresh(3))
    compute_trends()
    decide_trend(trend_id=TrendReview.objects.get().id, by=moderator, act="allow")
    compute_trends()
    assert trending_names() == ["fresh"]
    TrendReview.objects.update(decided_at=timezone.now() - timedelta(days=8))
    compute_trends()
    assert trending_names() == []
    assert waiting() == {"fresh": 3}


def test_a_hashtag_that_would_no_longer_trend_leaves_the_queue():
    posts = use("fresh", *fresh(3))
    compute_trends()
    assert waiting() == {"fresh": 3}
    remove_post(post=posts[0], reason="rule 1")
    compute_trends()
    assert waiting() == {}


def test_without_known_supporters_a_hashtag_leaves_at_once(deliver):
    posts = use("mixed", *known(2), *fresh(3))
    deliver()
    compute_trends()
    assert trending_names() == ["mixed"]
    remove_post(post=posts[0], reason="rule 1")
    deliver()
    assert trending_names() == []


def test_only_moderators_decide_and_the_second_of_two_is_refused(alice, moderator):
    use("fresh", *fresh(3))
    compute_trends()
    row = TrendReview.objects.get()
    for member in (alice, make_member("former", is_moderator=True, is_active=False)):
        with pytest.raises(NotFound):
            decide_trend(trend_id=row.id, by=member, act="allow")
        with pytest.raises(NotFound):
            hide_tag(name="fresh", by=member)
        with pytest.raises(NotFound):
            trends_page(member)
    with pytest.raises(Invalid):
        decide_trend(trend_id=row.id, by=moderator, act="explode")
    with pytest.raises(NotFound):
        decide_trend(trend_id=1, by=moderator, act="allow")
    decide_trend(trend_id=row.id, by=moderator, act="hide", seen="waiting")
    decide_trend(trend_id=row.id, by=moderator, act="hide", seen="waiting")
    with pytest.raises(Conflict):
        decide_trend(trend_id=row.id, by=make_member("mod2", is_moderator=True), act="allow", seen="waiting")


def test_the_queue_shows_some_of_the_posts(moderator, alice):
    use("fresh", *fresh(5))
    post = make_post(alice, "pushed")
    for member in fresh(4):
        like_post(post=post, by=member)
    compute_trends()
    page = trends_page(moderator)
    assert [(item.review.people, len(item.examples), item.acts) for item in page.items] == [
        (5, 3, ["allow", "hide"]),
        (4, 1, ["allow", "hide"]),
    ]
    assert trends_count(moderator) == 2
    Post.objects.filter(pk=post.pk).update(state=Post.State.REMOVED)
    assert trends_count(moderator) == 1
    decide_trend(trend_id=page.items[0].review.id, by=moderator, act="allow")
    assert [item.acts for item in trends_page(moderator, decided=True).items] == [["hide"]]
