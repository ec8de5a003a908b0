"""The index follows what happens, by events."""

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.events import MemberJoined, ProfileEdited
from core.events import emit
from core.models import OutboxEvent
from posts.actions import delete_post, edit_post, hold_post, remove_post, restore_post
from search.models import MemberDocument, PostDocument, Word
from search.queries import found_members, found_posts
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


def texts(query, viewer=None):
    return [post.text for post in found_posts(query, viewer=viewer).items]


def say(event):
    with transaction.atomic():
        emit(event)


def test_a_published_post_is_found_and_a_waiting_one_is_not(alice, deliver):
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


def test_an_edit_changes_what_a_post_is_found_by(alice, deliver):
    post = make_post(alice, "Rain on the roof")
    deliver()
    edit_post(post=post, by=alice, text="Snow on the roof")
    deliver()
    assert texts("rain") == []
    assert texts("snow") == ["Snow on the roof"]


def test_a_held_and_a_removed_post_leave_the_index_and_come_back(alice, deliver):
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


def test_of_a_deleted_post_no_word_stays_in_the_index(alice, deliver):
    post = make_post(alice, "Rain on the roof")
    deliver()
    delete_post(post=post, by=alice)
    deliver()
    assert not PostDocument.objects.exists()


def test_a_new_member_is_found(deliver):
    member = make_member("marie_curie", display_name="Marie")
    say(MemberJoined(member_id=member.pk))
    deliver()
    assert found_members("marie", viewer=None).items == [member]


def test_a_new_name_finds_the_member_and_what_they_wrote(alice, deliver):
    make_post(alice, "Rain on the roof")
    deliver()
    alice.display_name = "Wanda Weather"
    alice.save()
    say(ProfileEdited(member_id=alice.pk))
    deliver()
    assert found_members("wanda", viewer=None).items == [alice]
    assert texts("wanda") == ["Rain on the roof"]
    assert MemberDocument.objects.count() == 1


def test_a_new_name_reaches_more_posts_than_one_step_takes(
    alice, deliver, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("search.actions.CHUNK", 2)
    for n in range(5):
        make_post(alice, f"Rain {n}")
    deliver()
    alice.display_name = "Wanda Weather"
    alice.save()
    with django_capture_on_commit_callbacks(execute=True):
        say(ProfileEdited(member_id=alice.pk))
        deliver()
    assert len(texts("wanda")) == 5


def test_reindexing_makes_the_same_index_anew(alice, bob, deliver, capsys):
    kept = make_post(alice, "Rain on the roof")
    hidden = make_post(bob, "Thunderstorm")
    deliver()
    before = set(PostDocument.objects.values_list())
    hold_post(post=hidden, reason="")
    PostDocument.objects.filter(pk=kept.pk).update(words="nonsense")
    MemberDocument.objects.all().delete()
    call_command("reindex")
    assert set(PostDocument.objects.values_list()) == {row for row in before if row[0] == kept.pk}
    assert texts("rain") == ["Rain on the roof"]
    assert [m.username for m in found_members("bob", viewer=None).items] == ["bob"]
    assert not Word.objects.filter(word="thunderstorm").exists()
    assert "Done in" in capsys.readouterr().out


def test_reindexing_only_members_leaves_posts_alone(alice, deliver):
    make_post(alice, "Rain on the roof")
    call_command("reindex", "--members")
    assert texts("rain") == []
    call_command("reindex", "--posts")
    assert texts("rain") == ["Rain on the roof"]
