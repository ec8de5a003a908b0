"""Only public and reported posts are sent to Claude, checked where requests arrive."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from moderation import gateway
from moderation.actions import decide_post, report_post
from moderation.models import Case, Decision, Review
from moderation.queries import may_be_sent_outside
from posts.actions import edit_post, hold_post, write_post
from posts.models import Post
from posts.options import PostOptions
from social.actions import follow_member, set_private
from tests.factories import make_member, make_post
from tests.posts.test_media import ready
from tests.services.claude import asked_about, error, verdict
from tests.sources import APPS, ROOT

pytestmark = pytest.mark.django_db

UNSAFE = verdict(safe=False, category="hate", confidence=0.95, reason="It attacks people.")


@pytest.fixture
def pia(db):
    """Create Pia, whose account is private."""
    return make_member("pia", is_private=True)


@pytest.fixture
def fan(pia, bob):
    """Return Bob, a follower of Pia."""
    follow_member(member=pia, by=bob)
    pia.follow_requests.all().delete()
    from social.models import Follow

    Follow.objects.get_or_create(follower=bob, followee=pia)
    return bob


def sent(claude):
    """Return the texts received, for each request."""
    return [[post["text"] for post in asked_about(request)] for request in claude.requests]


def states(post):
    post.refresh_from_db()
    return post.state, list(Case.objects.open().filter(post=post).values_list("reason", flat=True))


def test_a_private_accounts_post_is_not_sent_and_local_rules_decide(pia, claude, review):
    plain, flood = (
        write_post(by=pia, text="My diary"),
        write_post(by=pia, text=" ".join(f"https://example.com/{n}" for n in range(5))),
    )
    review()
    assert claude.requests == []
    assert states(plain) == (Post.State.PUBLISHED, [])
    assert states(flood) == (Post.State.PUBLISHED, [Case.Reason.UNSURE])
    looked = Review.objects.get(post=plain)
    assert (looked.withheld, looked.decided_by, looked.fault) == (True, "classifier:v1", "")


def test_a_post_is_not_sent_if_its_account_turned_private_after_posting(alice, claude, review, deliver):
    write_post(by=alice, text="My diary")
    deliver()
    set_private(by=alice, private=True)
    review()
    assert claude.requests == []


def test_a_post_is_not_sent_if_its_account_turned_private_between_attempts(alice, claude, review):
    claude.says(error(529, "overloaded_error"), verdict())
    post = write_post(by=alice, text="My diary")
    review()
    assert sent(claude) == [["My diary"]]
    set_private(by=alice, private=True)
    review()
    assert len(claude.requests) == 1
    assert states(post) == (Post.State.PUBLISHED, [])


def test_only_public_posts_of_a_batch_are_sent(alice, pia, claude, review):
    write_post(by=pia, text="My diary")
    write_post(by=alice, text="For everyone")
    review()
    assert sent(claude) == [["For everyone"]]
    assert "diary" not in json.dumps(claude.requests)


def test_a_public_reply_is_sent_without_its_parent(pia, fan, claude, review):
    diary = make_post(pia, "My diary")
    write_post(by=fan, text="I see", in_reply_to=diary)
    review()
    assert sent(claude) == [["I see"]]
    assert not any(word in json.dumps(claude.requests) for word in ("diary", "pia", "Pia", str(diary.id)))


def test_posts_of_closed_accounts_are_not_sent(alice, claude, review, deliver):
    write_post(by=alice, text="Goodbye")
    deliver()
    type(alice).objects.get_queryset().filter(pk=alice.pk).update(is_active=False)
    review()
    assert claude.requests == []


def test_a_post_for_followers_or_mentioned_members_is_not_sent_until_it_is_reported(
    alice, bob, claude, review
):
    follow_member(member=alice, by=bob)
    posts = [
        make_post(alice, f"@bob {visibility}", visibility=visibility)
        for visibility in ("public", "unlisted", "followers", "mentioned")
    ]
    review()
    assert sorted(text for request in sent(claude) for text in request) == ["@bob public", "@bob unlisted"]
    assert set(Review.objects.filter(withheld=True).values_list("post", flat=True)) == {
        post.pk for post in posts[2:]
    }
    for post in posts[2:]:
        report_post(post=post, by=bob, rule="hate")
    review()
    assert {text for request in sent(claude) for text in request} >= {"@bob followers", "@bob mentioned"}


def test_a_post_for_followers_is_not_sent_when_its_account_is_made_public(pia, fan, claude, review, deliver):
    make_post(pia, "My diary", visibility="followers")
    review()
    set_private(by=pia, private=False)
    deliver()
    review()
    assert claude.requests == []


def test_a_reported_post_may_be_sent(pia, fan, claude, review):
    claude.says(UNSAFE)
    post = make_post(pia, "My diary")
    review()
    assert claude.requests == []
    report_post(post=post, by=fan, rule="hate")
    review()
    assert sent(claude) == [["My diary"]]
    assert states(post) == (Post.State.HELD, [Case.Reason.HELD])


def test_a_decided_report_does_not_allow_sending(pia, fan, moderator, claude, review):
    post = make_post(pia, "My diary")
    review()
    report_post(post=post, by=fan, rule="hate")
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    review()
    edit_post(post=post, by=pia, text="My diary, second volume")
    review()
    assert claude.requests == []


@pytest.mark.parametrize(
    "answer",
    [verdict(), verdict(safe=False, category="hate", confidence=0.3), error(401)],
    ids=["safe", "unsure", "failed"],
)
def test_only_a_confident_verdict_changes_the_visibility_of_a_reported_post(
    answer, newcomer, bob, claude, review
):
    # Otherwise anyone could hide a new member’s post by reporting it while the model is unavailable.
    type(newcomer).objects.get_queryset().filter(pk=newcomer.pk).update(is_private=True)
    from social.models import Follow

    Follow.objects.create(follower=bob, followee=newcomer)
    post = write_post(by=newcomer, text="My diary")
    review()
    assert states(post)[0] == Post.State.PUBLISHED
    report_post(post=post, by=bob, rule="hate")
    claude.says(answer)
    review()
    assert sent(claude) == [["My diary"]]
    state, [reason] = states(post)
    assert state == Post.State.PUBLISHED
    assert reason in (Case.Reason.REPORTED, Case.Reason.NEW_MEMBER)


def test_a_report_requests_no_review_of_a_judged_version(alice, bob, pia, fan, moderator, claude, review):
    judged = write_post(by=alice, text="Good morning")
    decided = make_post(pia, "My diary")
    review()
    report_post(post=decided, by=fan, rule="hate")
    decide_post(post_id=decided.id, by=moderator, act="dismiss")
    claude.requests.clear()
    report_post(post=judged, by=bob, rule="hate")
    report_post(post=decided, by=fan, rule="spam")
    review()
    assert claude.requests == []


def test_without_a_key_a_report_requests_no_review(alice, bob, review):
    post = make_post(alice)
    review()
    report_post(post=post, by=bob, rule="hate")
    review()
    assert Review.objects.filter(post=post).count() == 1


def test_withheld_posts_are_reviewed_once_the_account_is_public(pia, claude, review, deliver):
    posts = [make_post(pia, f"Page {n}") for n in range(3)]
    review()
    assert claude.requests == []
    claude.says(UNSAFE)
    set_private(by=pia, private=False)
    review()
    from moderation.tasks import review_withheld

    review_withheld(pia.pk)
    review()
    assert sorted(text for request in sent(claude) for text in request) == ["Page 0", "Page 1", "Page 2"]
    assert {states(post)[0] for post in posts} == {Post.State.HELD}
    review_withheld(pia.pk)
    review()
    assert len(sent(claude)) == 1, "once"


def test_posts_of_an_account_that_is_private_again_are_not_sent(pia, claude, review):
    make_post(pia, "My diary")
    review()
    set_private(by=pia, private=False)
    from moderation.tasks import review_withheld

    review_withheld(pia.pk)
    set_private(by=pia, private=True)
    review()
    assert claude.requests == []


def test_the_rule_allows_public_and_reported_posts(alice, pia, fan):
    everyone, _followers, reported = make_post(alice), make_post(pia, "One"), make_post(pia, "Two")
    report_post(post=reported, by=fan, rule="other", comment="Look")
    removed = make_post(alice, "Gone")
    Post.objects.filter(pk=removed.pk).update(state=Post.State.REMOVED)
    assert set(Post.objects.filter(may_be_sent_outside())) == {everyone, reported}


def test_the_gateway_takes_ids_of_posts_and_never_a_text(alice, pia, claude):
    post, hidden = make_post(alice, "For everyone"), make_post(pia, "My diary")
    answers = gateway.judge([post.pk, hidden.pk], seconds=2)
    assert list(answers) == [post.pk]
    assert sent(claude) == [["For everyone"]]


def test_only_the_gateway_imports_the_client():
    talks = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "import anthropic" in path.read_text(encoding="utf-8")
    ]
    assert talks == ["moderation/gateway.py"]


def test_a_moderator_sees_that_a_post_was_not_sent(pia, moderator, client, claude, review):
    pia.joined_at = timezone.now() - timedelta(hours=1)
    pia.save()
    post = write_post(by=pia, text="My diary")
    review()
    client.force_login(moderator)
    page = client.get(f"/moderation/posts/{post.id}").content.decode()
    assert "Not sent to Claude: not everyone can read it." in page


def test_a_content_warning_is_sent_with_the_text_and_judged_like_it(alice, claude, review):
    options = PostOptions(content_warning="About the harvest")
    plain = write_post(by=alice, text="It was good", options=options)
    broken = write_post(by=alice, text="Hello", options=PostOptions(content_warning="kill yourself"))
    review()
    assert sent(claude) == [["About the harvest\nIt was good"]]
    assert (states(plain)[0], states(broken)[0]) == (Post.State.PUBLISHED, Post.State.HELD)
    assert Decision.objects.get(post=broken).post_text == "kill yourself\nHello"


def test_a_moderator_sees_what_a_hidden_post_shows(alice, moderator, client):
    post = make_post(
        alice, "Look", content_warning="A cat", sensitive=True, media=(ready(alice, alt="A tomcat").pk,)
    )
    hold_post(post=post, reason="Hm")
    client.force_login(moderator)
    html = client.get(f"/moderation/posts/{post.id}").content.decode()
    for part in ("A cat", "A tomcat", "data-gallery", "Sensitive content"):
        assert part in html
    said = client.get(f"/api/moderation/posts/{post.id}").json()
    said = said.get("case", said)
    assert said["post"]["content_warning"] == "A cat"
    assert [one["alt"] for one in said["media"]] == ["A tomcat"]
