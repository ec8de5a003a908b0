"""Notifications of moderation: to authors about decisions, to reporters about outcomes."""

import pytest
from django.core.cache import cache
from django.test import Client

from moderation.actions import decide_post, report_post
from moderation.models import Decision, Report
from notifications import tasks
from notifications.actions import set_preference
from notifications.models import Notification, NotificationKind
from notifications.queries import entries, unseen_count
from notifications.templatetags.notifications import sentence
from posts.actions import delete_post, hold_post
from tests.factories import make_member, make_post
from tests.services.claude import verdict

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def told(member):
    """Return the entries on the member's notifications page, newest first."""
    return [str(sentence(entry)) for entry in entries(member).items]


def page_of(member, path="/notifications"):
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(path)


def test_the_author_is_notified_of_a_removal_and_the_reporter_of_the_outcome(alice, bob, moderator, deliver):
    post = make_post(alice, "Buy my pills")
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    deliver()
    assert told(alice) == ["A moderator removed your post"]
    assert told(bob) == ["Your report was reviewed: the post was removed"]
    assert (unseen_count(alice), unseen_count(bob), unseen_count(moderator)) == (1, 1, 0)


def test_notifications_reveal_neither_reporter_nor_moderator_nor_the_post(alice, bob, moderator, deliver):
    post = make_post(alice, "Buy my pills")
    report_post(post=post, by=bob, rule="spam", comment="a secret word")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    deliver()
    of_author, of_reporter = page_of(alice).content.decode(), page_of(bob).content.decode()
    assert "Buy my pills" in of_author
    assert "Buy my pills" not in of_reporter
    assert str(post.id) not in of_reporter
    for page in (of_author, of_reporter):
        main = page.split("<main")[1].split("</main>")[0]
        for hidden in ("@mod", "a secret word", "Advertising."):
            assert hidden not in main
    assert "bob" not in of_author.split("<main")[1].split("</main>")[0]


def test_notifications_link_to_the_right_pages(alice, bob, moderator, deliver):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    deliver()
    mine, theirs = Notification.objects.get(member=alice), Notification.objects.get(member=bob)
    assert page_of(alice, mine.open_url)["Location"] == post.get_absolute_url()
    assert page_of(bob, theirs.open_url)["Location"] == "/reports"
    assert page_of(alice, post.get_absolute_url()).status_code == 200


def test_only_the_reporter_is_notified_of_a_dismissal(alice, bob, carol, moderator, deliver):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    report_post(post=post, by=carol, rule="hate")
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    deliver()
    assert told(alice) == []
    assert told(bob) == told(carol) == ["Your report was reviewed: the post doesn’t break the rules"]


def test_a_hold_is_notified_at_once_and_replaced_by_the_decision(
    newcomer, moderator, claude, review, deliver
):
    from posts.actions import write_post

    claude.says(verdict(safe=False, category="hate", confidence=0.95, reason="Hm."))
    post = write_post(by=newcomer, text="Misread")
    review()
    deliver()
    assert told(newcomer) == ["Your post is on hold until a moderator reviews it"]
    decide_post(post_id=post.id, by=moderator, act="publish")
    deliver()
    assert told(newcomer) == ["A moderator approved your post"]
    assert unseen_count(newcomer) == 1


def test_undoing_a_decision_withdraws_its_notification(alice, bob, moderator, deliver):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    deliver()
    decide_post(post_id=post.id, by=moderator, act="restore")
    deliver()
    assert told(alice) == ["A moderator restored your post"]
    assert told(bob) == ["Your report was reviewed: the post doesn’t break the rules"]
    assert Report.objects.get().outcome == Report.Outcome.DISMISSED


def test_a_reopened_report_is_notified_when_it_is_decided_again(alice, bob, moderator, deliver):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    for _ in range(2):
        decide_post(post_id=post.id, by=moderator, act="dismiss")
        deliver()
        assert told(bob) == ["Your report was reviewed: the post doesn’t break the rules"]
        decide_post(post_id=post.id, by=moderator, act="reopen")
        deliver()
        assert told(bob) == []
        assert unseen_count(bob) == 0
    decide_post(post_id=post.id, by=moderator, act="remove", reason="After all.")
    deliver()
    assert told(bob) == ["Your report was reviewed: the post was removed"]


def test_repeated_or_late_events_notify_once_of_the_current_state(alice, bob, moderator, deliver):
    from moderation.events import PostDecided, ReportDecided

    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    first = decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    decide_post(post_id=post.id, by=moderator, act="restore")
    deliver()
    late = PostDecided(decision_id=first.id, post_id=post.id, author_id=alice.id, act="remove")
    tasks.notify_author_of_decision(late)
    report = Report.objects.get()
    again = ReportDecided(report_id=report.id, post_id=post.id, reporter_id=bob.id, outcome="upheld")
    tasks.notify_reporter(again)
    assert told(alice) == ["A moderator restored your post"]
    assert told(bob) == ["Your report was reviewed: the post doesn’t break the rules"]
    assert Notification.objects.filter(member=bob, withdrawn_at=None).count() == 1


def test_outcomes_of_one_day_are_grouped(alice, bob, moderator, deliver):
    for n in range(3):
        post = make_post(alice, f"Number {n}")
        report_post(post=post, by=bob, rule="spam")
        decide_post(post_id=post.id, by=moderator, act="dismiss")
    deliver()
    assert told(bob) == ["3 of your reports were reviewed"]


def test_deleting_a_post_withdraws_the_decision_and_closes_the_report(alice, bob, moderator, deliver):
    held, reported = make_post(alice, "One"), make_post(alice, "Two")
    decide_post(post_id=held.id, by=moderator, act="remove", reason="No.")
    report_post(post=reported, by=bob, rule="spam")
    deliver()
    delete_post(post=held, by=alice)
    delete_post(post=reported, by=alice)
    deliver()
    assert told(alice) == []
    assert told(bob) == ["The author deleted the post you reported"]


def test_each_kind_of_notification_can_be_turned_off(alice, bob, moderator, deliver):
    set_preference(by=alice, kind=NotificationKind.DECISION, in_page=False)
    set_preference(by=bob, kind=NotificationKind.REPORT, in_page=False)
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    deliver()
    assert told(alice) == told(bob) == []
    shown = page_of(alice, "/settings/notifications").content.decode()
    assert 'name="decision_in_page"' in shown
    assert 'name="report_in_page" checked' in shown
    assert 'name="decision_from"' not in shown


def test_hiding_from_trends_notifies_nobody(alice, moderator, deliver):
    from moderation.actions import hide_tag

    make_post(alice, "#rude")
    hide_tag(name="rude", by=moderator)
    deliver()
    assert told(alice) == []


def test_a_hold_without_a_decision_notifies_nobody(alice, deliver):
    post = make_post(alice)
    hold_post(post=post, reason="To be looked at.")
    deliver()
    assert told(alice) == []
    assert not Decision.objects.exists()


def test_closed_accounts_are_not_notified(alice, bob, moderator, deliver):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    for member in (alice, bob):
        type(alice).objects.get_queryset().filter(pk=member.pk).update(is_active=False)
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    deliver()
    assert not Notification.objects.exists()


def test_notifications_are_live_and_in_the_api(
    alice, bob, moderator, deliver, monkeypatch, django_capture_on_commit_callbacks
):
    facts = []
    monkeypatch.setattr("core.streams.publish", lambda stream, fact: facts.append((stream, fact)))
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decision = decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    with django_capture_on_commit_callbacks(execute=True):
        deliver()
    created = [(stream, fact) for stream, fact in facts if fact["type"] == "notification.created"]
    assert {(stream, fact["kind"]) for stream, fact in created} == {
        (f"member.{alice.pk}", "decision"),
        (f"member.{bob.pk}", "report"),
    }
    mine, theirs = page_of(alice, "/api/notifications").json(), page_of(bob, "/api/notifications").json()
    assert [
        (row["kind"], row["actors"], row["post"], row["decision"], row["report"]) for row in mine["items"]
    ] == [("decision", [], str(post.id), str(decision.id), None)]
    assert [(row["kind"], row["actors"], row["post"], row["report"]) for row in theirs["items"]] == [
        ("report", [], None, str(Report.objects.get().id))
    ]
    assert str(post.id) not in str(theirs)
    row = Notification.objects.get(member=bob)
    for path in ("row", "line"):
        assert "Your report was reviewed" in page_of(bob, f"/notifications/{row.id}/{path}").content.decode()
        assert page_of(make_member(), f"/notifications/{row.id}/{path}").status_code == 404
