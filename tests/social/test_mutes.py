"""Muting members: how long a mute lasts, and that it is private."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from accounts.actions import deactivate_member, request_import, run_import
from accounts.models import Member
from core.refusals import Invalid, NotFound
from social.actions import delete_expired_mutes, follow_member, mute_member, unmute_member
from social.models import Follow, Mute
from social.queries import mute_of, muted_ids, mutes_by
from tests.factories import make_member

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def run_out(member: Member) -> None:
    Mute.objects.filter(muted=member).update(until=timezone.now() - timedelta(seconds=1))


def test_a_mute_lasts_until_unmuted(alice: Member, bob: Member) -> None:
    mute_member(member=bob, by=alice)
    assert list(muted_ids(alice)) == [bob.pk]
    assert [mute.muted for mute in mutes_by(alice)] == [bob]
    assert unmute_member(member=bob, by=alice)
    assert not unmute_member(member=bob, by=alice)
    assert not muted_ids(alice).exists()


def test_muting_again_changes_the_mute(alice: Member, bob: Member) -> None:
    mute_member(member=bob, by=alice, for_=HOUR)
    mute_member(member=bob, by=alice, with_notifications=False)
    mute = Mute.objects.get()
    assert (mute.until, mute.with_notifications) == (None, False)
    assert list(muted_ids(alice)) == [bob.pk]
    assert list(muted_ids(alice, notifications=True)) == []


def test_a_mute_expires(alice: Member, bob: Member) -> None:
    mute_member(member=bob, by=alice, for_=HOUR)
    assert mute_of(alice, bob) is not None
    run_out(bob)
    assert mute_of(alice, bob) is None
    assert not muted_ids(alice).exists()
    assert not mutes_by(alice).exists()
    mute_member(member=bob, by=alice, for_=HOUR)
    assert mute_of(alice, bob) is not None


def test_you_cannot_mute_yourself_or_hidden_members(alice: Member, bob: Member) -> None:
    with pytest.raises(Invalid):
        mute_member(member=alice, by=alice)
    deactivate_member(member=bob, by=make_member("root", is_staff=True))
    with pytest.raises(NotFound):
        mute_member(member=bob, by=alice)
    assert not Mute.objects.exists()


@pytest.mark.parametrize("time", [timedelta(0), timedelta(seconds=-5), timedelta(days=400)])
def test_invalid_durations_are_refused(alice: Member, bob: Member, time: timedelta) -> None:
    with pytest.raises(Invalid):
        mute_member(member=bob, by=alice, for_=time)


def test_closed_accounts_can_be_unmuted(alice: Member, bob: Member) -> None:
    mute_member(member=bob, by=alice)
    deactivate_member(member=bob, by=make_member("root", is_staff=True))
    assert not mutes_by(alice).exists()
    assert unmute_member(member=bob, by=alice)


def test_muting_keeps_follows(alice: Member, bob: Member) -> None:
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=bob)
    mute_member(member=bob, by=alice)
    assert Follow.objects.count() == 2


def test_mutes_are_private(alice: Member, bob: Member, carol: Member) -> None:
    mute_member(member=bob, by=alice)
    assert not muted_ids(bob).exists()
    assert not muted_ids(carol).exists()
    assert not muted_ids(None).exists()


def test_mutes_expired_for_a_month_are_deleted(alice: Member, bob: Member, carol: Member) -> None:
    mute_member(member=bob, by=alice, for_=HOUR)
    mute_member(member=carol, by=alice, for_=HOUR)
    Mute.objects.filter(muted=bob).update(until=timezone.now() - timedelta(days=31))
    run_out(carol)
    assert delete_expired_mutes() == 1
    assert Mute.objects.get().muted == carol


def test_an_import_of_mutes_has_notes_in_the_members_language(alice: Member, bob: Member) -> None:
    with translation.override("de"):
        run = request_import(
            by=alice, kind="mutes", content=b"Account address,Hide notifications\nbob,false\n"
        )
    run_import(import_id=run.pk)
    assert run.rows.get().note == "Du bekommst weiter Mitteilungen von ihnen."
    mute = mute_of(alice, bob)
    assert mute
    assert not mute.with_notifications
