import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Block, Interest, Member
from config.counters import COUNTERS
from core.counters import drift_of
from core.models import OutboxEvent
from demo.members import generate_members
from demo.posts import generate_posts
from feed.models import Suggestion
from messaging.models import Message
from moderation.models import Report
from notifications.models import Notification
from posts.actions import recount_posts
from posts.models import Mention, Poll, Post, PostTag, TagFollow
from social.actions import recount_follows
from social.models import Follow, FollowRequest, List, ListEntry, Mute, MutedWord
from tests.architecture.truth import broken_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    yield
    cache.clear()


def test_the_demo_has_content_for_every_page(capsys: pytest.CaptureFixture[str], client: Client) -> None:
    call_command("demo", members=24, posts=150)
    assert Member.objects.count() == 25
    assert Post.objects.filter(in_reply_to=None).count() > 100
    assert Post.objects.exclude(in_reply_to=None).exists()
    assert Member.objects.exclude(avatar="").count() == 25
    me = Member.objects.get(username="ana_d")
    assert Notification.objects.filter(member=me).exists()
    assert Message.objects.exists()
    assert Post.objects.filter(media_count=1).get().attachments.get().alt
    assert Report.objects.count() == 2
    assert recount_posts() == recount_follows() == 0, "the counters are right"
    polls = Poll.objects.all()
    assert {poll.has_ended for poll in polls} == {True, False}
    assert all(poll.voters_count for poll in polls)
    assert Post.objects.pinned().exists()
    output = capsys.readouterr().out
    assert "ana_d / kith-demo" in output
    assert client.login(username="ana_d", password="kith-demo")
    assert client.get("/").content.decode().count("<article") > 5


def test_every_relations_page_has_entries(client: Client) -> None:
    call_command("demo", members=24, posts=150)
    me = Member.objects.get(username="ana_d")
    assert me.is_private
    assert me.follow_requests.count() == 3
    assert me.follow_requests_sent.count() == 1
    others = Member.objects.visible_to(None).filter(is_private=True).exclude(pk=me.pk)
    assert others.count() == 2
    for other in others:
        assert other.followers_count > 0
        assert other.follow_requests.exists()
    assert Notification.objects.visible_to(me).filter(kind="request").count() == 3
    assert (me.blocks.count(), me.mutes.count(), me.muted_words.count()) == (2, 2, 3)
    assert Block.objects.exclude(blocker=me).exists()
    assert [list_.entries.count() > 2 for list_ in me.lists.all()] == [True, True]
    assert me.followed_tags.exists()
    for member in Member.objects.visible_to(None).exclude(username="admin"):
        assert member.interests.exists()
    assert Suggestion.objects.filter(member=me).exists()
    assert broken_rules() == []
    assert not any(drift_of(counter) for counter in COUNTERS)
    assert not OutboxEvent.objects.exclude(error="").exists()


def test_building_twice_adds_nothing() -> None:
    def rows() -> list[int]:
        return [
            model.objects.count()
            for model in (
                Member,
                Follow,
                FollowRequest,
                Block,
                Mute,
                MutedWord,
                List,
                ListEntry,
                TagFollow,
                Interest,
            )
        ]

    call_command("demo", members=12, posts=60)
    first = rows()
    call_command("demo", members=12, posts=0)
    assert rows() == first


def test_the_same_seed_generates_the_same_posts() -> None:
    def texts(seed: int) -> list[tuple[int, str]]:
        now, rng = datetime(2026, 5, 1, tzinfo=UTC), random.Random(seed)
        members = generate_members(12, now=now, rng=rng)
        return [(post.author, post.text) for post in generate_posts(members, 80, now=now, rng=rng)]

    assert texts(7) == texts(7)
    assert texts(7) != texts(8)


def test_a_corpus_keeps_hashtags_mentions_and_emoji(tmp_path: Path) -> None:
    corpus = tmp_path / "posts.txt"
    corpus.write_text(
        "Happy #Christmas &amp; everyone @user 🎄\n\n<script>alert(1)</script> #été\n", encoding="utf-8"
    )
    call_command("demo", members=6, corpus=corpus)
    tree = Post.objects.get(text__contains="Christmas")
    assert "Christmas & everyone" in tree.text
    assert "🎄" in tree.html
    assert "@user" not in tree.text
    assert Mention.objects.filter(post=tree).count() == 1
    assert set(PostTag.objects.values_list("tag__name", flat=True)) >= {"christmas", "été"}
    assert "<script" not in Post.objects.get(text__contains="alert").html


@pytest.mark.parametrize("options", [{"members": 2}, {"posts": -1}, {"corpus": Path("/nowhere/at/all")}])
def test_bad_options_are_refused_with_a_message(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command("demo", **options)
    assert not Member.objects.exists()


def test_the_demo_refuses_to_run_in_production(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("demo.management.commands.demo._is_production", lambda: True)
    with pytest.raises(CommandError, match="password"):
        call_command("demo")
    assert not Member.objects.exists()
