import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Member
from feed.actions.tracking import TrackedEvent, track
from feed.models import Interaction, Ranker
from feed.ranking.features import FEATURES
from feed.tasks import train_ranker
from tests.factories import make_post


@pytest.fixture
def keeper(db: None) -> Client:
    cache.clear()
    client = Client()
    client.force_login(Member.objects.create_superuser("root", "root@example.com", "x"))
    return client


def test_the_admin_shows_log_and_rankers_read_only(keeper: Client, alice: Member, bob: Member) -> None:
    track(by=bob, events=[TrackedEvent(event_id="event-0001", post_id=make_post(alice).id, kind="view")])
    Ranker.objects.create(model="secret tree", figures={"model": {"ndcg_10": 0.5}}, features=list(FEATURES))
    for model, row in (("interaction", Interaction.objects.get()), ("ranker", Ranker.objects.get())):
        assert str(row.pk) in keeper.get(f"/admin/feed/{model}/").content.decode()
        page = keeper.get(f"/admin/feed/{model}/{row.pk}/change/")
        assert page.status_code == 200
        assert "secret tree" not in page.content.decode()
        assert "@bob" not in page.content.decode(), "what a member looks at is not the admin's"
        assert keeper.get(f"/admin/feed/{model}/add/").status_code == 403
        assert keeper.post(f"/admin/feed/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.django_db
def test_training_without_data_raises_nothing() -> None:
    train_ranker()
    assert not Ranker.objects.exists()
