"""Test that events and jobs keep the index up to date."""

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.events import MemberJoined, ProfileEdited
from core.events import emit
from core.models import OutboxEvent
from posts.actions import delete_post, edit_post, hold_post, remove_post, restore_post
from search import actions
from search.actions import renewing
from search.analysis import ANALYSIS_VERSION
from search.kinds import POSTS
from search.models import MemberDocument, PostDocument, Renewal, VocabularyTerm
from search.queries import search_members, search_posts
from search.tasks import renew_index
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


def texts(query, viewer=None):
    return [post.text for post in search_posts(query, viewer=viewer).items]


def say(event):
    with transaction.atomic():
        emit(event)


def test_a_published_post_is_found_and_one_in_review_is_not(alice, deliver):
    make_post(alice, "Rain again", published=False)
    assert texts("rain", alice) == []
    make_post(alice, "Rain on the roof")
    deliver()
    assert "Rain on the roof" in texts("rain")


def test_delivering_twice_indexes_once(alice, deliver):
    make_post(alice, "Rain on the roof")
    deliver()
    OutboxEvent.objects.update(delivered_at=None)
    deliver()
    assert PostDocument.objects.count() == 1
    assert texts("roof") == ["Rain on the roof"]


def test_an_edit_changes_the_terms_of_a_post(alice, deliver):
    post = make_post(alice, "Rain on the roof")
    deliver()
    edit_post(post=post, by=alice, text="Snow on the roof")
    deliver()
    assert texts("rain") == []
    assert texts("snow") == ["Snow on the roof"]


def test_held_and_removed_posts_leave_the_index_and_return(alice, deliver):
    post = make_post(alice, "Rain on the roof")
    deliver()
    for hide in (hold_post, remove_post):
        hide(post=post, reason="Looked at again")
        deliver()
        assert not PostDocument.objects.filter(pk=post.pk).exists()
        post.refresh_from_db()
        restore_post(post=post)
        deliver()
        assert texts("rain") == ["Rain on the roof"]
        post.refresh_from_db()


def test_terms_of_a_deleted_post_leave_the_index(alice, deliver):
    post = make_post(alice, "Rain on the roof")
    deliver()
    delete_post(post=post, by=alice)
    deliver()
    assert not PostDocument.objects.exists()


def test_a_new_member_is_found(deliver):
    member = make_member("marie_curie", display_name="Marie")
    say(MemberJoined(member_id=member.pk))
    deliver()
    assert search_members("marie", viewer=None).items == [member]


def test_a_new_name_finds_the_member_and_their_posts(alice, deliver):
    make_post(alice, "Rain on the roof")
    deliver()
    alice.display_name = "Wanda Weather"
    alice.save()
    say(ProfileEdited(member_id=alice.pk))
    deliver()
    assert search_members("wanda", viewer=None).items == [alice]
    assert texts("wanda") == ["Rain on the roof"]
    assert MemberDocument.objects.count() == 1


def test_a_new_name_reaches_posts_in_several_steps(
    alice, deliver, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("search.actions.indexing.CHUNK_SIZE", 2)
    for n in range(5):
        make_post(alice, f"Rain {n}")
    deliver()
    alice.display_name = "Wanda Weather"
    alice.save()
    with django_capture_on_commit_callbacks(execute=True):
        say(ProfileEdited(member_id=alice.pk))
        deliver()
    assert len(texts("wanda")) == 5


def test_reindexing_builds_the_same_index(alice, bob, deliver, capsys):
    kept = make_post(alice, "Rain on the roof")
    hidden = make_post(bob, "Thunderstorm")
    deliver()
    before = set(PostDocument.objects.values_list())
    hold_post(post=hidden, reason="")
    PostDocument.objects.filter(pk=kept.pk).update(terms="nonsense")
    MemberDocument.objects.all().delete()
    call_command("reindex")
    assert set(PostDocument.objects.values_list()) == {row for row in before if row[0] == kept.pk}
    assert texts("rain") == ["Rain on the roof"]
    assert [m.username for m in search_members("bob", viewer=None).items] == ["bob"]
    assert not VocabularyTerm.objects.filter(term="thunderstorm").exists()
    assert "Done in" in capsys.readouterr().out


def test_reindexing_only_members_leaves_posts_alone(alice, deliver):
    make_post(alice, "Rain on the roof")
    call_command("reindex", "--members")
    assert texts("rain") == []
    call_command("reindex", "--posts")
    assert texts("rain") == ["Rain on the roof"]


def test_an_index_of_an_earlier_analysis_is_renewed_in_steps(
    alice, deliver, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(renewing, "STEP_SIZE", 2)
    written = [make_post(alice, f"number {n}: C++") for n in range(5)]
    deliver()
    PostDocument.objects.update(terms="number c")
    actions.index_members(ids=[alice.pk])
    MemberDocument.objects.update(name_terms="old")
    Renewal.objects.update_or_create(kind="posts", defaults={"analysis": ANALYSIS_VERSION - 1})
    Renewal.objects.update_or_create(kind="members", defaults={"analysis": ANALYSIS_VERSION})
    assert texts("C++") == []
    assert actions.renew_index(kind=POSTS)
    assert Renewal.objects.get(kind="posts").after == written[1].id
    # The next step continues where the last one ended.
    assert len(texts("C++")) == 2
    with django_capture_on_commit_callbacks(execute=True):
        renew_index.delay()
    assert len(texts("C++")) == 5
    assert MemberDocument.objects.get(pk=alice.pk).name_terms == "old"
    assert Renewal.objects.get(kind="posts").analysis == ANALYSIS_VERSION
    PostDocument.objects.update(terms="number c")
    renew_index.delay()
    assert texts("C++") == [], "nothing is done twice"


def test_a_new_analysis_starts_from_the_first_object(alice, deliver, monkeypatch):
    make_post(alice, "C++")
    deliver()
    renew_index.delay()
    PostDocument.objects.update(terms="c")
    monkeypatch.setattr(renewing, "ANALYSIS_VERSION", ANALYSIS_VERSION + 1)
    renew_index.delay()
    assert texts("C++") == ["C++"]


def test_nothing_is_renewed_after_a_reindex(alice, deliver):
    make_post(alice, "C++")
    deliver()
    Renewal.objects.all().delete()
    call_command("reindex", "--posts", verbosity=0)
    assert not actions.renew_index(kind=POSTS)
    assert Renewal.objects.filter(kind="members").count() == 0


def test_signs_and_apostrophes_match_as_typed(alice, deliver):
    for text in (
        "I write C++",
        "a big C",
        "our R&D",
        "r and d",
        "Je n'ai rien",
        "AI again",
        "l'été",
        "he'll see",
        "hell",
    ):
        make_post(alice, text)
    deliver()
    assert texts("C++ ") == ["I write C++"]
    assert texts("R&D") == ["our R&D"]
    assert texts("AI") == ["AI again"]
    assert texts("ete") == texts("L’ÉTÉ") == ["l'été"]
    assert texts("n'ai") == ["Je n'ai rien"]
    assert set(texts("hell ")) == {"hell"}
