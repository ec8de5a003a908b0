"""Race the use of invites: they are never used more often than allowed."""

from typing import Any

import pytest
from django.db import transaction

from accounts.actions.signup import admit, make_invite, revoke_invite
from accounts.models import Invite, Member
from core.refusals import Refusal
from tests.factories import make_member
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]
PLACES = 5


@pytest.fixture(autouse=True)
def _by_invitation(settings: Any) -> None:
    settings.SIGNUP_MODE = "invite"


def join(name: str, code: str) -> bool:
    with transaction.atomic():
        return admit(member=make_member(name), invite=code)


def test_an_invite_for_five_people_is_used_32_times(race):
    owner = make_member()
    invites = []

    def round_of(number):
        invites.append(make_invite(by=owner, uses_at_most=PLACES))
        return [lambda n=n: join(f"guest_{number}_{n}", invites[-1].code) for n in range(PARALLEL)]

    def check(results):
        assert results.count(True) == PLACES
        assert sum(isinstance(result, Refusal) for result in results) == PARALLEL - PLACES
        assert Invite.objects.get(pk=invites[-1].pk).uses == PLACES
        # A refused sign-up leaves no account behind.
        assert Member.objects.get_queryset().count() == 1 + PLACES * len(invites)
        revoke_invite(invite=invites[-1], by=owner)
        return Member.objects.get_queryset().count() - 1

    race.run(round_of, check)


def test_an_invite_is_revoked_while_it_is_used(race):
    owner = make_member()
    invites = []

    def round_of(number):
        invites.append(make_invite(by=owner))
        calls: list[Any] = [
            lambda n=n: join(f"guest_{number}_{n}", invites[-1].code) for n in range(PARALLEL - 1)
        ]
        calls.insert(PARALLEL // 2, lambda: revoke_invite(invite=invites[-1], by=owner))
        return calls

    def check(results):
        joined = results.count(True) - 1
        assert Invite.objects.get(pk=invites[-1].pk).uses == joined
        return Invite.objects.get(pk=invites[-1].pk).uses

    race.run(round_of, check)
