import pytest
from django.utils import timezone

from moderation.actions import decide_post, report_post
from moderation.models import Case, Decision, Report, WordRule
from posts.actions import hold_post, write_post
from posts.models import Post
from tests.factories import make_member, make_post
from tests.services.claude import verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_the_desk(client, moderator):
    client.force_login(moderator)
    return client


def reported(author, *reporters, text="Hello", rule="spam"):
    post = make_post(author, text)
    for reporter in reporters:
        report_post(post=post, by=reporter, rule=rule, comment=f"says {reporter.username}")
    return post


def page_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("who", [None, "alice", "former"])
def test_the_moderation_pages_are_404_for_others(client, alice, who):
    post = reported(alice, make_member("bob2"))
    make_member("former", is_moderator=True, is_active=False)
    if who:
        client.force_login(type(alice).objects.get(username=who))
    for path in ("/moderation", "/moderation/log", f"/moderation/posts/{post.id}"):
        assert client.get(path).status_code == 404
    decide = client.post(f"/moderation/posts/{post.id}/decide", {"act": "remove", "reason": "x", "seen": "x"})
    assert decide.status_code == 404
    assert not Decision.objects.exists()


def test_the_queue_lists_the_most_urgent_cases_first(
    at_the_desk, alice, bob, carol, moderator, claude, review
):
    claude.says(verdict(safe=False, category="hate", confidence=0.88, reason="It attacks people."))
    held = write_post(by=carol, text="A held one")
    review()
    mild = reported(alice, bob, text="A mild one")
    grave = reported(alice, bob, carol, text="A grave one", rule="violence")
    reports = page_of(at_the_desk, "/moderation?tab=reports")
    assert reports.index("A grave one") < reports.index("A mild one")
    for shown in ("No violence", "says bob", "says carol", "@carol", "Joined", "No action", "Remove"):
        assert shown in reports
    assert "A held one" not in reports
    waiting = page_of(at_the_desk, "/moderation")
    for shown in ("A held one", "hate, 88 % sure", "It attacks people.", "Claude (claude-test-1)", "Publish"):
        assert shown in waiting
    assert "A mild one" not in waiting
    assert {mild.id, grave.id, held.id} == set(Case.objects.open().values_list("post_id", flat=True))


def test_posts_of_new_members_have_a_tab(at_the_desk, newcomer, review):
    write_post(by=newcomer, text="My first words")
    review()
    assert "My first words" not in page_of(at_the_desk, "/moderation")
    assert "My first words" in page_of(at_the_desk, "/moderation?tab=new")


def test_deciding_without_scripts_redirects_to_the_queue(at_the_desk, alice, bob):
    post = reported(alice, bob)
    seen = page_of(at_the_desk, "/moderation?tab=reports").split('name="seen" value="')[1].split('"')[0]
    answer = at_the_desk.post(
        f"/moderation/posts/{post.id}/decide",
        {"act": "remove", "rule": "spam", "reason": "Advertising.", "seen": seen},
        headers={"Referer": "http://testserver/moderation?tab=reports"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/moderation?tab=reports")
    post.refresh_from_db()
    assert post.state == Post.State.REMOVED
    assert Report.objects.get().outcome == "upheld"
    assert "Restore" in page_of(at_the_desk, "/moderation?tab=decided")


def test_deciding_in_place_renders_the_updated_case(at_the_desk, alice, bob, moderator):
    post = reported(alice, bob)
    seen = page_of(at_the_desk, f"/moderation/posts/{post.id}").split('name="seen" value="')[1].split('"')[0]
    form = {"act": "dismiss", "seen": seen}
    answer = at_the_desk.post(f"/moderation/posts/{post.id}/decide", form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert f'id="case-{post.id}"' in answer.content.decode()
    assert "No action" in answer["HX-Trigger"]
    again = at_the_desk.post(f"/moderation/posts/{post.id}/decide", form, headers={"HX-Request": "true"})
    assert again.status_code == 409
    assert "already decided" in again["HX-Trigger"]
    plain = at_the_desk.post(f"/moderation/posts/{post.id}/decide", form)
    assert plain.status_code == 409
    assert "already decided" in plain.content.decode()


def test_only_the_author_sees_a_removed_post_and_the_reason(client, alice, bob, moderator):
    post = make_post(alice, "Buy my pills")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    client.force_login(alice)
    assert "No spam: Advertising." in page_of(client, post.get_absolute_url())
    for other in (bob, moderator):
        client.force_login(other)
        assert client.get(post.get_absolute_url()).status_code == 404
    client.force_login(moderator)
    assert "Buy my pills" in page_of(client, f"/moderation/posts/{post.id}")


def test_the_case_page_shows_the_whole_history(at_the_desk, alice, bob, moderator, review):
    post = write_post(by=alice, text="Buy my pills")
    review()
    report_post(post=post, by=bob, rule="spam", comment="See for yourself")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    page = page_of(at_the_desk, f"/moderation/posts/{post.id}")
    for shown in ("See for yourself", "the post was removed", "Advertising.", "Local review", "Restore"):
        assert shown in page
    assert at_the_desk.get("/moderation/posts/1").status_code == 404


def test_a_deleted_post_is_404_for_moderators_too(at_the_desk, alice, bob, deliver):
    from posts.actions import delete_post

    post = reported(alice, bob)
    delete_post(post=post, by=alice)
    assert at_the_desk.get(f"/moderation/posts/{post.id}").status_code == 404
    deliver()
    assert "Hello" not in page_of(at_the_desk, "/moderation?tab=reports")


def test_the_log_is_paged_and_filtered_by_moderators(at_the_desk, alice, moderator, claude, review):
    for n in range(32):
        decide_post(post_id=make_post(alice, f"Number {n}.").id, by=moderator, act="remove", reason="No.")
    claude.says(verdict(safe=False, category="hate", confidence=0.9, reason="No."))
    write_post(by=make_member("dora"), text="Held by Claude")
    review()
    first = page_of(at_the_desk, "/moderation/log")
    assert "Held by Claude" in first
    assert "Number 31." in first
    assert "Number 1." not in first
    more = first.split('href="/moderation/log?cursor=')[1].split('"')[0]
    assert "Number 1." in page_of(at_the_desk, f"/moderation/log?cursor={more}")
    assert "Held by Claude" not in page_of(at_the_desk, "/moderation/log?by=people")
    assert at_the_desk.get("/moderation/log?cursor=nonsense").status_code == 422


def test_the_queue_is_paged(at_the_desk, alice, bob):
    for n in range(22):
        reported(alice, bob, text=f"Number {n}.")
    page = page_of(at_the_desk, "/moderation?tab=reports")
    assert page.count('class="case"') == 20
    more = page.split("tab=reports&amp;cursor=")[1].split('"')[0]
    rest = at_the_desk.get(f"/moderation?tab=reports&cursor={more}", headers={"HX-Request": "true"})
    assert rest.content.decode().count('class="case"') == 2


@pytest.mark.parametrize("tab", ["waiting", "reports", "new", "decided"])
def test_the_queue_has_a_constant_number_of_queries(
    tab, at_the_desk, alice, bob, carol, moderator, django_assert_max_num_queries, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def fill(count):
        for n in range(count):
            post = reported(alice, bob, carol, text=f"Number {n}")
            if tab == "decided":
                decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
            elif tab == "waiting":
                Case.objects.update(reason=Case.Reason.HELD)
            elif tab == "new":
                Case.objects.update(reason=Case.Reason.NEW_MEMBER, reports_count=0)

    fill(1)
    path = f"/moderation?tab={tab}"
    page_of(at_the_desk, path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page_of(at_the_desk, path)
    fill(15)
    with CaptureQueriesContext(connection) as many:
        assert page_of(at_the_desk, path).count('class="case"') == 16
    assert len(many) == len(few)
    # Session, member, unread count, trends; then the cases, their reports, reviews, decisions, authors’ history, tabs.
    assert len(many) <= 12


def test_viewing_hidden_posts_is_logged(at_the_desk, alice, moderator, caplog):
    post = make_post(alice)
    decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    with caplog.at_level("INFO", logger="kith.moderation"):
        page_of(at_the_desk, f"/moderation/posts/{post.id}")
    assert f"@mod views posts that are hidden from others: [{post.id}]" in caplog.text


def test_text_of_members_is_escaped(at_the_desk, alice, bob, moderator):
    post = make_post(alice, "<script>alert(1)</script>")
    report_post(post=post, by=bob, rule="other", comment="<b>bold</b>")
    decide_post(post_id=post.id, by=moderator, act="remove", reason="<i>no</i>")
    for path in (f"/moderation/posts/{post.id}", "/moderation/log", "/moderation?tab=decided"):
        page = page_of(at_the_desk, path)
        for raw in ("<script>alert", "<b>bold", "<i>no"):
            assert raw not in page


def test_the_admin_edits_word_rules_and_shows_the_rest_read_only(client, alice, bob):
    admin = make_member("admin", is_staff=True, is_superuser=True)
    client.force_login(admin)
    form = {"pattern": "Magic BEANS", "category": "spam", "action": "hold", "active": "on", "note": ""}
    assert client.post("/admin/moderation/wordrule/add/", form).status_code == 302
    rule = WordRule.objects.get(pattern="magic beans")
    assert (
        client.post(f"/admin/moderation/wordrule/{rule.id}/change/", form | {"action": "flag"}).status_code
        == 302
    )
    rule.refresh_from_db()
    assert rule.action == "flag"
    again = client.post("/admin/moderation/wordrule/add/", form | {"pattern": "magic  beans!"})
    assert again.status_code == 200
    assert client.post("/admin/moderation/wordrule/add/", form | {"pattern": "!"}).status_code == 200
    assert WordRule.objects.filter(pattern__startswith="magic").count() == 1
    assert client.post(f"/admin/moderation/wordrule/{rule.id}/delete/", {"post": "yes"}).status_code == 302
    assert not WordRule.objects.filter(pattern="magic beans").exists()
    moderator = make_member("mod3", is_moderator=True)
    post = reported(alice, bob)
    decision = decide_post(post_id=post.id, by=moderator, act="remove", reason="No.")
    for name in ("report", "review", "decision", "case"):
        assert client.get(f"/admin/moderation/{name}/").status_code == 200
        assert client.get(f"/admin/moderation/{name}/add/").status_code == 403
    assert client.get(f"/admin/moderation/decision/{decision.id}/change/").status_code == 200
    assert (
        client.post(f"/admin/moderation/decision/{decision.id}/change/", {"reason": "x"}).status_code == 403
    )
    assert (
        client.post(f"/admin/moderation/decision/{decision.id}/delete/", {"post": "yes"}).status_code == 403
    )


def test_the_queue_is_translated(at_the_desk, alice, bob, carol):
    reported(alice, bob, carol)
    page = at_the_desk.get("/moderation?tab=reports", headers={"accept-language": "de"}).content.decode()
    for shown in (
        "Warteschlange",
        "Meldungen 1",
        "2 Mal",
        "Dabei seit",
        "1 Beitrag",
        "Keine Maßnahme",
        "says bob",
    ):
        assert shown in page


@pytest.mark.parametrize("language", ["en", "de"])
def test_review_texts_are_in_the_viewers_language(language, at_the_desk, alice, claude, review):
    claude.says(verdict(safe=False, category="hate", confidence=0.88, reason="It attacks people."))
    post = write_post(by=alice, text="A held one")
    review()
    said = {
        "en": ("Automatic review (Claude) held this as hate. It attacks people. A moderator will decide.",),
        "de": (
            "Die automatische Prüfung (Claude) hat das zurückgehalten: Hass. It attacks people. "
            "Die Moderation entscheidet.",
            "Hass, zu 88 % sicher. It attacks people.",
        ),
    }[language]
    headers = {"accept-language": language}
    page = at_the_desk.get(f"/moderation/posts/{post.id}", headers=headers).content.decode()
    assert page.count(said[0]) == 2, "as the author reads it, and in the decision"
    for words in said:
        assert words in page
    at_the_desk.force_login(alice)
    assert said[0] in at_the_desk.get(post.get_absolute_url(), headers=headers).content.decode()
    answer = at_the_desk.get(f"/api/posts/{post.id}", headers=headers).json()
    assert answer["state_reason"] == said[0]


def test_a_reason_stored_by_an_older_version_is_shown_unchanged(at_the_desk, alice):
    post = make_post(alice)
    hold_post(post=post, reason="A word rule of this community held this as spam.")
    page = at_the_desk.get(f"/moderation/posts/{post.id}", headers={"accept-language": "de"})
    assert "A word rule of this community held this as spam." in page.content.decode()


def test_trends_are_decided_on_the_moderation_pages(at_the_desk, alice):
    from feed.actions.trends import compute_trends
    from moderation.models import TrendReview

    for _ in range(3):
        make_post(make_member(joined_at=timezone.now()), "all about <b>#Fresh</b>")
    compute_trends()
    assert "Trends 1" in page_of(at_the_desk, "/moderation")
    page = page_of(at_the_desk, "/moderation/trends")
    for shown in ("#Fresh", "3 people", "Allow to trend", "Hide from trends", "&lt;b&gt;#Fresh"):
        assert shown in page
    row = TrendReview.objects.get()
    path = f"/moderation/trends/{row.id}/decide"
    drawn = at_the_desk.post(path, {"act": "allow", "seen": "waiting"}, headers={"HX-Request": "true"})
    assert drawn.status_code == 200
    assert "Allowed in trends" in drawn.content.decode()
    assert "It can trend now." in drawn["HX-Trigger"]
    plain = at_the_desk.post(path, {"act": "hide", "seen": "allowed"})
    assert plain["Location"] == "/moderation/trends"
    assert at_the_desk.post(path, {"act": "allow", "seen": "waiting"}).status_code == 409
    decided = page_of(at_the_desk, "/moderation/trends?state=decided")
    assert "Hidden from trends" in decided
    assert "#Fresh" not in page_of(at_the_desk, "/moderation/trends")
    make_post(alice, "#rude")
    assert at_the_desk.post("/moderation/trends/hide", {"tag": "#rude"}).status_code == 302
    assert "#rude" in page_of(at_the_desk, "/moderation/trends?state=decided")
    refused = at_the_desk.post(
        "/moderation/trends/hide", {"tag": "nobody_used_it"}, headers={"HX-Request": "true"}
    )
    assert (refused.status_code, refused.content.decode()) == (422, "Nobody has used this hashtag yet.")
    assert "Hidden from trends" in page_of(at_the_desk, "/moderation/log")


def test_moderators_read_and_try_rules_and_admins_edit_them(at_the_desk, client, alice):
    from moderation.models import BuiltInRuleChange

    make_post(alice, "Who wants magic beans?")
    page = page_of(at_the_desk, "/moderation/rules?pattern=magic+beans")
    for shown in (
        "Matches 1 of the 1",
        "magic beans?",
        "Threats against a person",
        "Only admins can change",
    ):
        assert shown in page
    assert "/moderation/rules/new" not in page
    assert "Matches 0" in page_of(at_the_desk, "/moderation/rules?rule=en-threat")
    assert at_the_desk.get("/moderation/rules?pattern=!").status_code == 422
    assert at_the_desk.get("/moderation/rules?rule=nonsense").status_code == 404
    form = {"pattern": "magic beans", "category": "spam", "action": "hold", "active": "on", "note": "Ours"}
    assert at_the_desk.post("/moderation/rules/new", form).status_code == 403

    client.force_login(make_member("chief", is_moderator=True, is_staff=True))
    assert client.post("/moderation/rules/new", form).status_code == 302
    rule = WordRule.objects.get(pattern="magic beans")
    assert "magic beans" in page_of(client, "/moderation/rules")
    client.post(f"/moderation/rules/{rule.id}", form | {"active": "", "note": "Off"})
    rule.refresh_from_db()
    assert (rule.active, rule.note) == (False, "Off")
    assert client.post("/moderation/rules/new", form, headers={"HX-Request": "true"}).status_code == 409
    client.post("/moderation/rules/built-in/en-threat", {"action": "hold", "exceptions": "chess club"})
    change = BuiltInRuleChange.objects.get()
    assert (change.key, change.active, change.action, change.exceptions) == (
        "en-threat",
        False,
        "hold",
        "chess club",
    )
    assert "Changed here" in page_of(client, "/moderation/rules")
    client.post("/moderation/rules/built-in/en-threat", {"reset": "on"})
    assert not BuiltInRuleChange.objects.exists()
    assert client.post("/moderation/rules/built-in/tlh-threat", {}).status_code == 404
    assert client.post(f"/moderation/rules/{rule.id}/delete").status_code == 302
    assert client.post(f"/moderation/rules/{rule.id}/delete").status_code == 404


def test_authors_see_decisions_about_their_posts(client, alice, bob, moderator):
    post = make_post(alice, "Buy my pills")
    decide_post(post_id=post.id, by=moderator, act="remove", rule="spam", reason="Advertising.")
    assert client.get("/decisions").status_code == 302
    client.force_login(alice)
    page = page_of(client, "/decisions").split("<main")[1].split("</main>")[0]
    for shown in (
        "Removed",
        "a moderator",
        "No spam",
        "Advertising.",
        "Buy my pills",
        post.get_absolute_url(),
    ):
        assert shown in page
    assert "@mod" not in page
    client.force_login(bob)
    assert "No decisions yet" in page_of(client, "/decisions")
