"""The moderation API: the same decisions and refusals as on the pages."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from feed.actions.trends import compute_trends
from moderation.actions import decide_post, report_post, write_word_rule
from moderation.models import BuiltInRuleChange, Case, Decision, Report, TrendReview, WordRule
from posts.actions import write_post
from posts.models import Post
from tests.factories import make_member, make_post
from tests.services.claude import verdict

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def app(member=None):
    client = APIClient()
    if member is not None:
        client.force_authenticate(member)
    return client


def read(member, path):
    answer = app(member).get(f"/api/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def send(member, path, verb="post", **body):
    return getattr(app(member), verb)(f"/api/{path}", body, format="json")


@pytest.fixture
def admin(db):
    return make_member("admin", is_staff=True, is_moderator=True)


def reported(author, *reporters, text="Hello", rule="spam"):
    post = make_post(author, text)
    for reporter in reporters:
        report_post(post=post, by=reporter, rule=rule, comment=f"says {reporter.username}")
    return post


# --- The queue ---------------------------------------------------------------------------------------------------


def test_the_queue_includes_what_a_decision_needs(alice, bob, carol, moderator, claude, review):
    claude.says(verdict(safe=False, category="hate", confidence=0.88, reason="It attacks people."))
    held = write_post(by=carol, text="A held one")
    review()
    mild, grave = (
        reported(alice, bob, text="A mild one"),
        reported(alice, bob, carol, text="A grave one", rule="violence"),
    )
    assert read(moderator, "moderation") == {"waiting": 1, "reports": 2, "new": 0, "signups": 0, "trends": 0}
    [waiting] = read(moderator, "moderation/cases")["items"]
    assert waiting["post"]["id"] == str(held.id)
    assert (waiting["post"]["state"], waiting["why"], waiting["open"], waiting["level"]) == (
        "held",
        "held",
        True,
        "high",
    )
    assert (waiting["review"]["category"], waiting["review"]["decided_by"]) == (
        "hate",
        "Claude (claude-test-1)",
    )
    assert waiting["acts"] == ["publish", "remove"]
    first, second = read(moderator, "moderation/cases?tab=reports")["items"]
    assert [first["post"]["id"], second["post"]["id"]] == [str(grave.id), str(mild.id)]
    assert [row["reporter"]["username"] for row in first["reports"]] == ["bob", "carol"]
    assert (first["reports"][0]["rule_title"], first["reports"][0]["words"]) == ("No violence", "says bob")
    page = read(moderator, "moderation/cases?tab=reports&limit=1")
    assert [row["post"]["id"] for row in page["items"]] == [str(grave.id)]
    rest = read(moderator, f"moderation/cases?tab=reports&limit=1&cursor={page['next']}")
    assert ([row["post"]["id"] for row in rest["items"]], rest["next"]) == ([str(mild.id)], None)


def test_every_decision_and_its_undo(alice, bob, moderator):
    post = reported(alice, bob)
    acts = []
    case = read(moderator, f"moderation/posts/{post.id}")["case"]
    for act, more in (
        ("dismiss", {}),
        ("reopen", {}),
        ("remove", {"rule": "spam", "reason": "Advertising."}),
        ("restore", {}),
    ):
        assert act in case["acts"]
        answer = send(moderator, f"moderation/posts/{post.id}/decide", act=act, seen=case["seen"], **more)
        assert answer.status_code == 200, answer.content
        case = answer.json()
        acts.append(case["last_decision"]["act"])
    assert acts == ["dismiss", "reopen", "remove", "restore"]
    post.refresh_from_db()
    assert post.is_published
    found = read(moderator, f"moderation/posts/{post.id}")
    assert [row["act"] for row in found["decisions"]] == acts[::-1]
    assert [row["outcome"] for row in found["reports"]] == ["dismissed"]
    assert [row["act"] for row in read(moderator, "moderation/log?by=people")["items"]] == acts[::-1]
    assert read(moderator, "moderation/cases?tab=decided")["items"][0]["post"]["id"] == str(post.id)


def test_invalid_input_is_refused_with_a_message(alice, bob, moderator):
    post = reported(alice, bob)
    path = f"moderation/posts/{post.id}/decide"
    seen = read(moderator, f"moderation/posts/{post.id}")["case"]["seen"]
    assert send(moderator, path, act="dismiss").json()["fields"].keys() == {"seen"}
    assert send(moderator, path, act="explode", seen=seen).status_code == 422
    assert send(moderator, path, act="remove", seen=seen).json()["fields"].keys() == {"reason"}
    assert send(moderator, path, act="restore", seen=seen).status_code == 409
    decide_post(post_id=post.id, by=make_member("mod2", is_moderator=True), act="dismiss")
    late = send(moderator, path, act="remove", reason="No.", seen=seen)
    assert (late.status_code, "@mod2" in late.json()["message"]) == (409, True)
    own = make_post(moderator)
    assert (
        send(moderator, f"moderation/posts/{own.id}/decide", act="remove", reason="No.", seen="x").status_code
        == 403
    )
    assert (
        send(moderator, "moderation/posts/1/decide", act="remove", reason="No.", seen="x").status_code == 404
    )
    assert app(moderator).get("/api/moderation/posts/1").status_code == 404
    assert app(moderator).get("/api/moderation/cases?cursor=nonsense").status_code == 422


PATHS = [
    ("get", "moderation"),
    ("get", "moderation/cases"),
    ("get", "moderation/posts/{post}"),
    ("post", "moderation/posts/{post}/decide"),
    ("get", "moderation/reports"),
    ("get", "moderation/log"),
    ("get", "moderation/trends"),
    ("post", "moderation/trends"),
    ("post", "moderation/trends/{trend}/decide"),
    ("get", "moderation/word-rules"),
    ("post", "moderation/word-rules"),
    ("get", "moderation/word-rules/trial?pattern=hello"),
    ("get", "moderation/word-rules/{rule}"),
    ("patch", "moderation/word-rules/{rule}"),
    ("delete", "moderation/word-rules/{rule}"),
    ("get", "moderation/built-in-rules"),
    ("patch", "moderation/built-in-rules/en-threat"),
    ("delete", "moderation/built-in-rules/en-threat"),
    ("get", "moderation/built-in-rules/en-threat/trial"),
]
BODY = {
    "act": "remove", "reason": "No.", "seen": "x", "tag": "sun", "pattern": "beans", "active": False,
}  # fmt: skip


@pytest.mark.parametrize(("verb", "path"), PATHS, ids=[f"{verb} {path}" for verb, path in PATHS])
def test_everything_is_404_for_non_moderators(verb, path, alice, bob, moderator):
    post = reported(alice, bob, text="in the #sun")
    rule = WordRule.objects.create(pattern="ham")
    trend = TrendReview.objects.create(tag=post.tags.get().tag, people=3)
    address = "/api/" + path.format(post=post.id, rule=rule.id, trend=trend.id)
    former = make_member("former", is_moderator=True, is_active=False)
    for member in (alice, bob, make_member("clerk", is_staff=True), former):
        answer = getattr(app(member), verb)(
            address, BODY if verb not in ("get", "delete") else None, format="json"
        )
        assert answer.status_code == 404, member
        assert answer.json()["error"] == "not_found"
    guest = getattr(app(), verb)(address, BODY if verb not in ("get", "delete") else None, format="json")
    assert guest.status_code in (401, 404)
    assert not Decision.objects.exists()
    assert not BuiltInRuleChange.objects.exists()
    assert WordRule.objects.get(pk=rule.pk).active


def test_open_and_decided_reports_are_listed(alice, bob, carol, moderator):
    one, two = reported(alice, bob), reported(alice, carol, text="Another")
    decide_post(post_id=one.id, by=moderator, act="dismiss")
    [still] = read(moderator, "moderation/reports")["items"]
    assert (still["post"], still["reporter"]["username"], still["outcome"]) == (str(two.id), "carol", "")
    [answered] = read(moderator, "moderation/reports?state=decided")["items"]
    assert (answered["post"], answered["outcome"]) == (str(one.id), "dismissed")


def test_a_page_of_cases_has_a_constant_number_of_queries(
    alice, bob, carol, moderator, django_assert_max_num_queries
):
    reported(alice, bob)
    with django_assert_max_num_queries(8):
        read(moderator, "moderation/cases?tab=reports")
    for n in range(8):
        reported(alice, bob, carol, text=f"Number {n}")
    with django_assert_max_num_queries(8):
        assert len(read(moderator, "moderation/cases?tab=reports")["items"]) == 9


# --- What members see ------------------------------------------------------------------------------------------------


def test_reporters_see_their_reports_and_the_outcomes(alice, bob, carol, moderator):
    stays, goes = reported(alice, bob, text="It stays"), reported(alice, bob, text="It goes")
    decide_post(post_id=goes.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    rows = read(bob, "reports")["items"]
    assert [(row["post"], row["outcome"], row["rule_title"], row["words"]) for row in rows] == [
        (None, "upheld", "No spam", "says bob"),
        (str(stays.id), "", "No spam", "says bob"),
    ]
    assert "It goes" not in str(rows)
    assert "Advertising" not in str(rows)
    assert read(carol, "reports") == {"items": [], "next": None}
    assert app().get("/api/reports").status_code == 401
    assert len(read(bob, "reports?limit=1")["items"]) == 1


def test_authors_see_decisions_about_their_posts_and_the_decider(alice, bob, moderator, claude, review):
    claude.says(verdict(safe=False, category="hate", confidence=0.95, reason="Hm."))
    held = write_post(by=alice, text="Misread")
    review()
    removed = reported(alice, bob, text="Buy my pills")
    decide_post(post_id=removed.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    decide_post(post_id=reported(alice, bob, text="Fine").id, by=moderator, act="dismiss")
    rows = read(alice, "decisions")["items"]
    assert [(row["act"], row["post"], row["decided_by"], row["rule_title"]) for row in rows] == [
        ("remove", str(removed.id), {"kind": "member", "name": "a moderator"}, "No spam"),
        ("hold", str(held.id), {"kind": "claude", "name": "Claude (claude-test-1)"}, "No hate"),
    ]
    assert (rows[0]["reason"], rows[0]["words"]) == ("Advertising.", "Buy my pills")
    assert "mod" not in str(rows).replace("a moderator", "").replace("A moderator", "")
    assert "bob" not in str(rows)
    assert read(bob, "decisions")["items"] == []
    assert app().get("/api/decisions").status_code == 401


# --- Rules -----------------------------------------------------------------------------------------------------------


def test_admins_edit_word_rules_and_moderators_read_them(admin, moderator):
    made = send(admin, "moderation/word-rules", pattern="Magic  BEANS", action="hold", category="spam")
    assert made.status_code == 201, made.content
    rule = made.json()
    assert (rule["pattern"], rule["action"], rule["active"]) == ("magic beans", "hold", True)
    assert [row["id"] for row in read(moderator, "moderation/word-rules")["items"]] == [rule["id"]]
    path = f"moderation/word-rules/{rule['id']}"
    changed = send(admin, path, "patch", active=False).json()
    assert (changed["active"], changed["pattern"], changed["action"]) == (False, "magic beans", "hold")
    assert read(moderator, path) == changed
    assert send(admin, "moderation/word-rules", pattern="magic beans").status_code == 409
    assert send(admin, "moderation/word-rules", pattern="!").status_code == 422
    assert send(admin, path, "patch", category="none").status_code == 422
    for verb, address in (("post", "moderation/word-rules"), ("patch", path)):
        assert send(moderator, address, verb, pattern="other").status_code == 403
    assert send(moderator, path, "delete").status_code == 403
    assert send(admin, path, "delete").status_code == 204
    assert app(admin).get(f"/api/{path}").status_code == 404


def test_a_pattern_is_tried_on_recent_posts(alice, newcomer, moderator):
    found = make_post(alice, "Who wants magic beans?")
    make_post(alice, "Who wants soup?")
    make_post(make_member(is_private=True), "My own magic beans")
    trial = read(moderator, "moderation/word-rules/trial?pattern=Magic+bean*")
    assert (trial["looked_at"], trial["found"]) == (2, 1)
    assert [post["id"] for post in trial["examples"]] == [str(found.id)]
    assert app(moderator).get("/api/moderation/word-rules/trial?pattern=!").status_code == 422
    assert app(moderator).get("/api/moderation/word-rules/trial").status_code == 422
    assert not WordRule.objects.filter(pattern__startswith="magic").exists()


def test_built_in_rules_are_changed_and_reset(admin, moderator, alice):
    rows = {row["key"]: row for row in read(moderator, "moderation/built-in-rules")}
    assert len(rows) == 20
    assert (rows["en-threat"]["active"], rows["en-threat"]["changed"]) == (True, False)
    path = "moderation/built-in-rules/en-threat"
    changed = send(admin, path, "patch", active=False, exceptions="chess club").json()
    assert (changed["active"], changed["changed"], changed["exceptions"]) == (False, True, "chess club")
    make_post(alice, "I will kill you tonight")
    trial = read(moderator, f"{path}/trial")
    assert (trial["looked_at"], trial["found"]) == (1, 1), "also while it is off"
    assert send(moderator, path, "patch", active=True).status_code == 403
    assert send(admin, path, "patch", action="explode").status_code == 422
    assert send(admin, path, "delete").status_code == 204
    assert not BuiltInRuleChange.objects.exists()
    assert send(admin, "moderation/built-in-rules/tlh-threat", "patch", active=True).status_code == 404


# --- Trends ----------------------------------------------------------------------------------------------------------


def test_trends_are_allowed_and_hidden(moderator, deliver):
    for _ in range(3):
        make_post(make_member(joined_at=timezone.now() - timedelta(hours=1)), "about #Fresh")
    compute_trends()
    [row] = read(moderator, "moderation/trends")["items"]
    assert (row["tag"], row["post"], row["people"], row["state"]) == ("Fresh", None, 3, "waiting")
    assert len(row["examples"]) == 3
    path = f"moderation/trends/{row['id']}/decide"
    allowed = send(moderator, path, act="allow", seen="waiting").json()
    assert (allowed["state"], allowed["acts"], allowed["decided_by"]["username"]) == (
        "allowed",
        ["hide"],
        "mod",
    )
    deliver()
    assert [tag["name"] for tag in app().get("/api/trends").json()] == ["fresh"]
    hidden = send(moderator, "moderation/trends", tag="#fresh")
    assert (hidden.status_code, hidden.json()["state"]) == (201, "hidden")
    deliver()
    assert app().get("/api/trends").json() == []
    assert [row["state"] for row in read(moderator, "moderation/trends?state=decided")["items"]] == ["hidden"]
    assert send(moderator, path, act="allow", seen="waiting").status_code == 409
    assert send(moderator, "moderation/trends", tag="#nobody_used").status_code == 422


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_pages_and_the_api_decide_alike(alice, bob, moderator):
    def by_page(post, act, **more):
        client = Client()
        client.force_login(moderator, backend="django.contrib.auth.backends.ModelBackend")
        seen = read(moderator, f"moderation/posts/{post.id}")["case"]["seen"]
        return client.post(f"/moderation/posts/{post.id}/decide", {"act": act, "seen": seen} | more)

    def by_app(post, act, **more):
        seen = read(moderator, f"moderation/posts/{post.id}")["case"]["seen"]
        return send(moderator, f"moderation/posts/{post.id}/decide", act=act, seen=seen, **more)

    left = []
    for decide in (by_page, by_app):
        post = reported(alice, bob)
        for act, more in (
            ("dismiss", {}),
            ("reopen", {}),
            ("remove", {"reason": "No.", "rule": "spam"}),
            ("restore", {}),
        ):
            assert decide(post, act, **more).status_code in (200, 302)
        post.refresh_from_db()
        decisions = Decision.objects.filter(post=post).order_by("id")
        left.append(
            (
                post.state,
                list(decisions.values_list("act", "rule", "reason")),
                list(Report.objects.filter(post=post).values_list("outcome", flat=True)),
                Case.objects.open().filter(post=post).count(),
            )
        )
    assert left[0] == left[1]
    assert left[0][0] == Post.State.PUBLISHED


def test_a_word_rule_created_in_the_api_holds_posts(admin, alice, review):
    send(admin, "moderation/word-rules", pattern="magic beans", action="hold")
    write_word_rule(by=admin, pattern="horoscope")
    post = write_post(by=alice, text="Magic beans!")
    review()
    post.refresh_from_db()
    assert post.state == Post.State.HELD
