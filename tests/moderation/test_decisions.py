import pytest
from django.utils import translation

from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.translatable import translate_stored
from moderation.actions import decide_post, report_post
from moderation.models import Case, Decision, Report, Review
from moderation.queries import Trust, queue_item, trust_of
from posts.actions import delete_post, edit_post, write_post
from posts.models import Post
from tests.factories import make_member, make_post
from tests.services.claude import verdict

pytestmark = pytest.mark.django_db


def test_removing_notifies_the_author_closes_reports_and_is_logged(alice, bob, moderator):
    post = make_post(alice, "Buy my pills")
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    post.refresh_from_db()
    assert (post.state, translate_stored(post.state_reason)) == (Post.State.REMOVED, "No spam: Advertising.")
    assert Report.objects.get().outcome == Report.Outcome.UPHELD
    assert not Case.objects.open().exists()
    audit = Decision.objects.get()
    assert (audit.by, audit.decided_by, audit.act, audit.post_text) == (
        moderator,
        "member:mod",
        "remove",
        "Buy my pills",
    )
    alice.refresh_from_db()
    assert alice.posts_count == 0


def test_the_rule_is_shown_in_the_viewers_language(alice, moderator):
    post = make_post(alice, "Buy my pills")
    with translation.override("de"):
        decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Es ist Werbung.")
    post.refresh_from_db()
    assert translate_stored(post.state_reason) == "No spam: Es ist Werbung."
    with translation.override("de"):
        assert translate_stored(post.state_reason) == "Kein Spam: Es ist Werbung."


def test_the_longest_reason_is_shown_in_full(alice, moderator, settings):
    settings.COMMUNITY_RULES = [{"id": "spam", "title": "100 % no spam in here", "text": ""}]
    post = make_post(alice, "Buy my pills")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason='"' + "x" * 398 + '"')
    post.refresh_from_db()
    assert translate_stored(post.state_reason) == '100 % no spam in here: "' + "x" * 398 + '"'


def test_restoring_restores_the_post_and_the_trust(alice, moderator):
    post = make_post(alice)
    decide_post(post_id=post.id, by=moderator, act="remove", reason="Wrong.")
    assert trust_of(alice) == Trust.UNTRUSTED
    decide_post(post_id=post.id, by=moderator, act="restore")
    post.refresh_from_db()
    assert (post.state, post.state_reason) == (Post.State.PUBLISHED, "")
    assert trust_of(alice) == Trust.ESTABLISHED
    assert list(Decision.objects.order_by("id").values_list("act", flat=True)) == ["remove", "restore"]


def test_dismissing_keeps_the_post_and_closes_reports(alice, bob, moderator):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    post.refresh_from_db()
    assert post.is_published
    assert Report.objects.get().outcome == Report.Outcome.DISMISSED
    assert not Case.objects.open().exists()


def test_publishing_a_waiting_post(newcomer, moderator, claude, review):
    claude.says(verdict(safe=False, category="hate", confidence=0.9, reason="Hm."))
    post = write_post(by=newcomer, text="Misread")
    review()
    decide_post(post_id=post.id, by=moderator, act="publish", reason="A quotation.")
    post.refresh_from_db()
    assert post.is_published
    assert post.state_reason == ""


def test_only_moderators_decide_and_never_about_their_own_posts(alice, bob, moderator):
    post = make_post(alice)
    moderator_off = make_member("former", is_moderator=True, is_active=False)
    for member in (alice, bob, moderator_off):
        with pytest.raises(NotFound):
            decide_post(post_id=post.id, by=member, act="remove", reason="No.")
    own = make_post(moderator)
    with pytest.raises(Forbidden):
        decide_post(post_id=own.id, by=moderator, act="remove", reason="No.")
    assert not Decision.objects.exists()


def test_a_removal_needs_a_reason(alice, moderator):
    post = make_post(alice)
    for wrong in (
        {"act": "remove"},
        {"act": "remove", "reason": "  "},
        {"act": "remove", "reason": "x" * 401},
        {"act": "remove", "reason": "x", "rule": "nonsense"},
        {"act": "hold", "reason": "x"},
        {"act": "explode"},
    ):
        with pytest.raises(Invalid):
            decide_post(post_id=post.id, by=moderator, **wrong)
    assert not Decision.objects.exists()


def test_the_second_of_two_moderators_gets_a_conflict(alice, bob, moderator):
    other = make_member("mod2", is_moderator=True)
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    seen = queue_item(post.id, moderator).seen
    assert queue_item(post.id, other).seen == seen
    decide_post(post_id=post.id, by=moderator, act="dismiss", seen=seen)
    with pytest.raises(Conflict, match="@mod has already decided about this post: no action"):
        decide_post(post_id=post.id, by=other, act="remove", reason="Spam.", seen=seen)
    post.refresh_from_db()
    assert post.is_published


def test_a_decision_about_an_edited_post_is_a_conflict(alice, bob, moderator):
    post = make_post(alice, "Good morning")
    report_post(post=post, by=bob, rule="spam")
    seen = queue_item(post.id, moderator).seen
    edit_post(post=post, by=alice, text="Buy my pills")
    with pytest.raises(Conflict, match="The author has edited this post"):
        decide_post(post_id=post.id, by=moderator, act="dismiss", seen=seen)


def test_an_act_that_is_no_longer_possible_is_a_conflict(alice, moderator):
    post = make_post(alice)
    with pytest.raises(Conflict):
        decide_post(post_id=post.id, by=moderator, act="restore")
    delete_post(post=post, by=alice)
    with pytest.raises(Conflict, match="deleted"):
        decide_post(post_id=post.id, by=moderator, act="remove", reason="Late.")
    with pytest.raises(NotFound):
        decide_post(post_id=1, by=moderator, act="remove", reason="Never there.")


def test_no_later_verdict_undoes_a_moderators_decision(newcomer, moderator, claude, deliver, review):
    claude.says(verdict(safe=False, category="hate", confidence=0.99, reason="No."))
    post = write_post(by=newcomer, text="Hello")
    deliver()
    decide_post(post_id=post.id, by=moderator, act="publish")
    review()
    post.refresh_from_db()
    assert post.is_published
    assert Review.objects.get(post=post).state == Review.State.REPLACED


def test_a_decision_is_never_changed_or_deleted(alice, moderator):
    post = make_post(alice)
    decision = decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    decision.reason = "Something else"
    for change in (
        decision.save,
        decision.delete,
        lambda: Decision.objects.update(reason="x"),
        lambda: Decision.objects.all().delete(),
        lambda: Decision.objects.bulk_update([decision], ["reason"]),
    ):
        with pytest.raises(TypeError):
            change()
    assert Decision.objects.get().reason == "No."


def test_a_decision_outlives_the_post_and_the_moderators_account(alice, moderator):
    post = make_post(alice, "Bad words")
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    moderator.delete()
    alice.delete()
    kept = Decision.objects.get()
    assert (kept.by, kept.post, kept.author) == (None, None, None)
    assert (kept.by_name, kept.post_text) == ("@mod", "Bad words")


def test_reopening_restores_the_reports_that_a_dismissal_closed(alice, bob, carol, moderator):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="violence")
    report_post(post=post, by=carol, rule="spam")
    urgency = Case.objects.get().urgency
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    assert queue_item(post.id, moderator).acts == ["reopen", "remove"]
    decide_post(post_id=post.id, by=moderator, act="reopen")
    case = Case.objects.open().get()
    assert (case.urgency, case.reports_count) == (urgency, 2)
    assert Report.objects.open().count() == 2
    assert queue_item(post.id, moderator).acts == ["dismiss", "remove"]
    decide_post(post_id=post.id, by=moderator, act="remove", reason="After all.")
    assert set(Report.objects.values_list("outcome", flat=True)) == {"upheld"}
    acts = list(Decision.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["dismiss", "reopen", "remove"]


def test_reopening_leaves_one_open_report_of_a_member_who_reported_again(alice, bob, carol, moderator):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    report_post(post=post, by=carol, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    report_post(post=post, by=bob, rule="hate")
    assert queue_item(post.id, moderator).acts == ["dismiss", "remove"], "it is open again already"
    with pytest.raises(Conflict):
        decide_post(post_id=post.id, by=moderator, act="reopen")
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    decide_post(post_id=post.id, by=moderator, act="reopen")
    assert [(row.reporter, row.rule) for row in Report.objects.open()] == [(bob, "hate")]
    assert Case.objects.open().get().reports_count == 1


def test_a_dismissed_case_of_a_review_can_be_reopened(newcomer, moderator, review):
    post = write_post(by=newcomer, text="My first words")
    review()
    decide_post(post_id=post.id, by=moderator, act="dismiss")
    decide_post(post_id=post.id, by=moderator, act="reopen")
    case = Case.objects.open().get()
    assert (case.reason, case.reports_count) == (Case.Reason.NEW_MEMBER, 0)


def test_only_a_dismissal_can_be_reopened(alice, bob, moderator):
    post = make_post(alice)
    for _ in range(2):
        with pytest.raises(Conflict):
            decide_post(post_id=post.id, by=moderator, act="reopen")
        report_post(post=post, by=bob, rule="spam")
        decide_post(post_id=post.id, by=moderator, act="dismiss")
        decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
        decide_post(post_id=post.id, by=moderator, act="restore")


def test_restoring_updates_the_outcome_of_upheld_reports(alice, bob, moderator):
    post = make_post(alice)
    report_post(post=post, by=bob, rule="spam")
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    decide_post(post_id=post.id, by=moderator, act="restore")
    assert Report.objects.get().outcome == Report.Outcome.DISMISSED
