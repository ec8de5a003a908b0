import pytest

from core.refusals import Forbidden, Invalid, NotFound
from moderation.actions import decide_post, report_post
from moderation.models import Case, Report
from posts.actions import delete_post, write_post
from tests.factories import make_post

pytestmark = pytest.mark.django_db


def url(post):
    return f"/posts/{post.id}/report"


def test_a_report_opens_a_case(alice, bob, carol):
    post = make_post(alice)
    assert report_post(post=post, by=bob, rule="spam", comment="Look at it")
    case = Case.objects.get(post=post)
    assert (case.reason, case.reports_count) == (Case.Reason.REPORTED, 1)
    before = case.urgency
    assert report_post(post=post, by=carol, rule="violence")
    case.refresh_from_db()
    assert case.reports_count == 2
    assert case.urgency > before
    assert Case.objects.count() == 1


def test_reporting_twice_creates_one_report(alice, bob):
    post = make_post(alice)
    assert report_post(post=post, by=bob, rule="spam")
    assert not report_post(post=post, by=bob, rule="hate")
    assert Report.objects.get().rule == "spam"
    assert Case.objects.get().reports_count == 1


def test_a_post_can_be_reported_again_after_a_decision(alice, bob, moderator):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    assert report_post(post=post, by=bob, rule="spam", comment="It goes on")
    assert Report.objects.filter(post=post).count() == 2


def test_authors_closed_accounts_and_members_who_cannot_see_a_post_cannot_report_it(alice, bob, newcomer):
    post = make_post(alice)
    with pytest.raises(Forbidden):
        report_post(post=post, by=alice, rule="spam")
    unseen = write_post(by=newcomer, text="Not yet published")
    with pytest.raises(NotFound):
        report_post(post=unseen, by=bob, rule="spam")
    bob.is_active = False
    with pytest.raises(Forbidden):
        report_post(post=post, by=bob, rule="spam")
    assert not Report.objects.exists()


def test_a_report_needs_a_rule_and_other_needs_a_comment(alice, bob):
    post = make_post(alice)
    for wrong in (
        {"rule": ""},
        {"rule": "nonsense"},
        {"rule": "other", "comment": "  "},
        {"rule": "spam", "comment": "x" * 1001},
    ):
        with pytest.raises(Invalid):
            report_post(post=post, by=bob, **wrong)
    assert report_post(post=post, by=bob, rule="other", comment="It is about my street.")


def test_reporting_without_scripts(client, alice, bob):
    post = make_post(alice, "Look at this")
    client.force_login(bob)
    page = client.get(url(post))
    assert page.status_code == 200
    assert "Look at this" in page.content.decode()
    answer = client.post(url(post), {"rule": "spam", "words": "Bad\nthing"}, follow=True)
    assert answer.redirect_chain[-1][0] == post.get_absolute_url()
    assert Report.objects.get().comment == "Bad\nthing"
    assert "You’ve already reported this post." in client.get(url(post)).content.decode()
    client.post(url(post), {"rule": "spam"})
    assert Report.objects.count() == 1


def test_reporting_in_a_dialog(client, alice, bob):
    post = make_post(alice)
    client.force_login(bob)
    headers = {"HX-Request": "true"}
    assert client.get(url(post), headers=headers).content.decode().lstrip().startswith("<dialog")
    wrong = client.post(url(post), {"rule": "other"}, headers=headers)
    assert wrong.status_code == 422
    assert "Tell us in your own words what’s wrong." in wrong.content.decode()
    done = client.post(url(post), {"rule": "spam"}, headers=headers)
    assert done.status_code == 200
    assert not done.content
    assert "Thanks." in done["HX-Trigger"]
    again = client.post(url(post), {"rule": "spam"}, headers=headers)
    assert "already" in again["HX-Trigger"]


def test_the_report_page_hides_posts_from_those_who_cannot_see_them(client, alice, bob, newcomer):
    post = make_post(alice)
    assert client.get(url(post)).status_code == 302
    client.force_login(alice)
    assert client.get(url(post)).status_code == 403
    client.force_login(bob)
    unseen = write_post(by=newcomer, text="Not yet")
    assert client.get(url(unseen)).status_code == 404
    assert client.post(url(unseen), {"rule": "spam"}).status_code == 404
    delete_post(post=post, by=alice)
    assert client.get(url(post)).status_code == 404
    assert client.get("/posts/1/report").status_code == 404


def test_reporters_see_the_outcome(client, alice, bob, carol, moderator):
    assert client.get("/reports").status_code == 302
    stays, goes, waits = (make_post(alice, text) for text in ("It stays", "It goes", "It waits"))
    for post in (stays, goes, waits):
        report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=stays.id, by=moderator, act="dismiss")
    decide_post(post_id=goes.id, by=moderator, act="remove", reason="Advertising.")
    client.force_login(bob)
    page = client.get("/reports").content.decode()
    for shown in (
        "The post stays",
        "The post was removed",
        "A moderator will review it",
        "It stays",
        "It waits",
    ):
        assert shown in page
    # Neither removed posts nor reports by others are shown.
    assert "It goes" not in page
    client.force_login(carol)
    assert "No reports yet" in client.get("/reports").content.decode()


def test_the_author_cannot_see_who_reported(client, alice, bob):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    client.force_login(alice)
    assert "@bob" not in client.get(post.get_absolute_url()).content.decode()


def test_deleting_a_post_closes_its_reports_and_its_case(alice, bob, deliver):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    delete_post(post=post, by=alice)
    deliver()
    assert Report.objects.get().outcome == Report.Outcome.GONE
    assert not Case.objects.open().exists()
