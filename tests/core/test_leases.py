"""Leases: one process holds a name until it releases it or the lease expires."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.leases import LeaseLost, LeaseTaken, lease
from core.models import Lease

pytestmark = pytest.mark.django_db


def test_a_lease_has_one_holder() -> None:
    with lease("work") as held:
        with pytest.raises(LeaseTaken) as taken, lease("work"):
            pass
        assert taken.value.taken_at <= timezone.now()
        held.renew()
        with lease("other work"):
            pass
    with lease("work"):
        pass
    assert not Lease.objects.exists()


def test_a_lease_is_released_when_the_work_fails() -> None:
    with pytest.raises(ZeroDivisionError), lease("work"):
        1 / 0  # noqa: B018
    assert not Lease.objects.exists()


def test_an_expired_lease_can_be_taken_and_its_holder_cannot_renew_it() -> None:
    with lease("work", seconds=60) as silent:
        Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
        with lease("work", seconds=60) as held:
            with pytest.raises(LeaseLost):
                silent.renew()
            held.renew()
            with pytest.raises(LeaseTaken), lease("work"):
                pass
    assert not Lease.objects.exists()


def test_losing_a_lease_does_not_release_another_holders() -> None:
    with lease("work", seconds=60):
        Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
        other = lease("work", seconds=60)
        other.__enter__()
    assert Lease.objects.count() == 1


def test_renewing_extends_the_lease() -> None:
    with lease("work", seconds=60) as held:
        Lease.objects.update(until=timezone.now() + timedelta(milliseconds=1))
        held.renew()
        assert Lease.objects.get().until > timezone.now() + timedelta(seconds=50)
