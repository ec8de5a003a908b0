"""Built-in rules: what they match and ignore, and how an operator changes them."""

import time
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import translation

from core.refusals import Forbidden, Invalid, NotFound
from moderation.actions import change_built_in_rule, reset_built_in_rule
from moderation.builtin import TITLES, rule_set
from moderation.models import BuiltInRuleChange, Case, Category, Decision, Review, WordRule
from moderation.patterns import Compiler
from moderation.queries import built_in_settings
from posts.actions import delete_post, write_post
from posts.models import Post
from tests.factories import make_member
from tests.moderation.functional.measure import (
    LANGUAGES,
    Functionality,
    categories_found,
    functionalities,
    ordinary,
    right,
)
from tests.services.claude import verdict

THREAT = "I will kill you tonight, I know where you live."
ROWS = [row for language in LANGUAGES for row in functionalities(language)]


def states(post):
    post.refresh_from_db()
    return post.state, list(Case.objects.open().filter(post=post).values_list("reason", flat=True))


@pytest.fixture
def admin(db):
    return make_member("admin", is_staff=True)


# --- Matching ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.language}: {row.name}")
def test_most_cases_of_each_functionality_are_right(row: Functionality) -> None:
    cases = row.templates + row.held_out
    assert right(row, cases) >= (0.9 if row.speaks else 0.95) * len(cases) - 1


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.category], ids=lambda row: f"{row.language}: {row.name}"
)
def test_matches_have_the_right_category(row: Functionality) -> None:
    near = {"hate": {"hate", "violence", "harassment"}, "self_harm": {"self_harm", "violence", "harassment"}}
    allowed = near.get(row.category, {row.category, "hate"})
    found = [categories for case in row.templates if (categories := categories_found(case))]
    assert sum(bool(categories & allowed) for categories in found) == len(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_and_angry_sentences_do_not_match(language: str) -> None:
    sentences = ordinary(language)
    assert len(sentences) >= 150
    assert [sentence for sentence in sentences if categories_found(sentence)] == []


@pytest.mark.parametrize(
    "text",
    [
        "i will " * 2800,
        "i made " * 2800,
        "women are they are " * 1000,
        "send 5 btc get " * 1300,
        "a " * 10_000,
        "1l!|" * 5000,
        '" a ' * 5000,
        "a" * 20_000,
    ],
    ids=lambda text: text[:12],
)
def test_matching_takes_linear_time(text: str) -> None:
    categories_found("warm up")
    begun = time.monotonic()
    categories_found(text)
    assert time.monotonic() - begun < 3


def test_each_rule_has_a_category_an_action_and_a_title() -> None:
    rules = rule_set().rules
    assert len(rules) == 20
    for rule in rules.values():
        assert rule.category in set(Category.values) - {Category.NONE}
        assert rule.action in WordRule.Action.values
        assert rule.language in LANGUAGES
        assert rule.title in TITLES.values()
        assert rule.version >= 1


@pytest.mark.parametrize("pattern", ["a ..", "a .. b?", "(a|b", ".. !c", "two-words*"])
def test_an_invalid_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        Compiler({}).pattern(pattern)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("I’ll k1ll u!", "ill kill u STOP"),
        ("k.i.l.l  y-o-u", "kill you"),
        ("kiiiiill", "kill"),
        ("\u043aill", "kill"),
        ("k\u034fi\u0308ll", "kill"),
        (".kill +you+ R&D, I′ll", "kill you r d ill"),
        ("Pay 5 € to @bob at https://example.com/x now.", "pay MONEY to PERSON at LINK now STOP"),
        ("He said “go home” twice", "he said QUOTE go home UNQUOTE twice"),
        ("#KillAllMen", "kill all men"),
        ("R2-D2 and 4x4", "r2 d2 and 4x4"),
    ],
)
def test_texts_are_normalized_to_words(written: str, read: str) -> None:
    assert rule_set().normalizer.normalize(written).strip() == read


# --- Reviews -------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def test_without_a_key_a_new_members_threat_waits_for_a_moderator(newcomer, review):
    post = write_post(by=newcomer, text=THREAT)
    review()
    assert states(post) == (Post.State.PENDING, [Case.Reason.FLAGGED])
    seen = Review.objects.get(post=post)
    assert (seen.category, seen.decided_by, seen.safe) == ("violence", "rules:v1", None)
    assert seen.reason_text == "Built-in rule: Threats against a person."


def test_an_established_members_threat_opens_an_urgent_case(alice, review):
    post = write_post(by=alice, text=THREAT)
    review()
    assert states(post) == (Post.State.PUBLISHED, [Case.Reason.FLAGGED])
    assert Case.objects.get(post=post).level == "medium"


def test_a_flagged_post_of_a_new_member_waits_whatever_the_model_says(newcomer, claude, review):
    claude.says(verdict())
    post = write_post(by=newcomer, text=THREAT)
    review()
    assert states(post) == (Post.State.PENDING, [Case.Reason.FLAGGED])


@pytest.mark.parametrize("text", ["kill yourself", "Bring dich um.", "Send me your seed phrase"])
def test_a_rule_that_holds_applies_to_every_member(text, alice, review):
    post = write_post(by=alice, text=text)
    review()
    assert states(post) == (Post.State.HELD, [Case.Reason.HELD])
    assert Decision.objects.get(post=post).decided_by == "rules:v1"
    assert "Built-in rule" in Review.objects.get(post=post).reason_text


def test_offers_of_help_are_not_held(newcomer, review):
    post = write_post(by=newcomer, text="Please don't kill yourself. Talk to someone.")
    review()
    assert states(post)[0] == Post.State.PUBLISHED


def test_a_review_stores_nothing_of_the_text(newcomer, review):
    post = write_post(by=newcomer, text=THREAT)
    review()
    delete_post(post=post, by=newcomer)
    assert "kill" not in str(Review.objects.filter(post=post).values())


def test_the_rule_is_shown_in_the_viewers_language(alice, review):
    post = write_post(by=alice, text="kill yourself")
    review()
    with translation.override("de"):
        assert Review.objects.get(post=post).reason_text


# --- Changing rules ------------------------------------------------------------------------------------------------


def test_a_built_in_rule_is_turned_off_and_reset(admin, newcomer, review):
    change_built_in_rule(key="en-threat", by=admin, active=False)
    post = write_post(by=newcomer, text=THREAT)
    review()
    assert states(post)[0] == Post.State.PUBLISHED
    assert reset_built_in_rule(key="en-threat", by=admin)
    assert not reset_built_in_rule(key="en-threat", by=admin)
    again = write_post(by=newcomer, text=THREAT + "!")
    review()
    assert states(again)[0] == Post.State.PENDING


def test_a_rule_can_hold_and_have_exceptions(admin, alice, review):
    change_built_in_rule(key="en-threat", by=admin, action="hold")
    change_built_in_rule(key="en-threat", by=admin, exceptions="  Chess Club \n\nthe dragon\n")
    change = BuiltInRuleChange.objects.get()
    assert (change.action, change.exceptions, change.active) == ("hold", "Chess Club\nthe dragon", True)
    held, excepted = (
        write_post(by=alice, text=THREAT),
        write_post(by=alice, text="I will kill you tonight at the chess-club"),
    )
    review()
    assert states(held) == (Post.State.HELD, [Case.Reason.HELD])
    assert states(excepted) == (Post.State.PUBLISHED, [])


def test_changes_survive_a_new_version_of_a_rule(admin):
    from dataclasses import replace

    from moderation.builtin import RuleSet

    change_built_in_rule(key="en-threat", by=admin, active=False)
    before = rule_set()
    shipped = replace(before.rules["en-threat"], version=99, action="hold")
    newer = RuleSet(before.rules | {"en-threat": shipped}, before.normalizer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moderation.queries.rules.rule_set", lambda: newer)
        [setting] = [s for s in built_in_settings() if s.rule.key == "en-threat"]
    assert (setting.rule.version, setting.active, setting.action, setting.changed) == (
        99,
        False,
        "hold",
        True,
    )


def test_only_admins_change_rules_and_only_to_valid_values(admin, alice, moderator):
    for member in (alice, moderator):
        with pytest.raises(Forbidden):
            change_built_in_rule(key="en-threat", by=member, active=False)
        with pytest.raises(Forbidden):
            reset_built_in_rule(key="en-threat", by=member)
    with pytest.raises(NotFound):
        change_built_in_rule(key="tlh-threat", by=admin, active=False)
    attempts: list[dict[str, Any]] = [
        {"action": "explode"},
        {"exceptions": "!!"},
        {"exceptions": "word " * 500},
    ]
    for wrong in attempts:
        with pytest.raises(Invalid):
            change_built_in_rule(key="en-threat", by=admin, **wrong)
    assert not BuiltInRuleChange.objects.exists()


def test_initial_word_rules_are_replaced_by_built_in_rules_unless_changed():
    first = import_module("moderation.migrations.0002_first_word_rules")
    migration = import_module("moderation.migrations.0004_built_in_rules")
    WordRule.objects.all().delete()
    first.write(apps, None)
    WordRule.objects.filter(pattern="guaranteed profit").update(action="hold")
    WordRule.objects.filter(pattern="free followers").update(active=False)
    migration.leave_to_built_in_rules(apps, None)
    assert set(WordRule.objects.values_list("pattern", flat=True)) == {"guaranteed profit", "free followers"}
    migration.write_first_rules(apps, None)
    assert WordRule.objects.count() == 6
    for text in (
        "double your bitcoin",
        "send me your seed phrase",
        "work from home and earn MONEY",
        "kill yourself",
    ):
        assert categories_found(text.replace("MONEY", "$500 a day")), text
