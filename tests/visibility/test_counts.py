"""Numbers count what their reader may see, and a copy of one's data holds no more than one may read."""

import zipfile

import pytest
from django.core.files.storage import storages

from accounts.actions.exports import make_export, request_export
from accounts.models import DataExport
from tests.visibility.matrix import Matrix, may_show
from tests.visibility.truth import may_know, may_read
from tests.visibility.world import MARK, World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def test_what_waits_is_counted_as_far_as_one_may_see_it(world: World) -> None:
    """Of each author each viewer was told of a like and a follow, which need the author, a mention and a reply, which
    need the post.
    """
    matrix = Matrix(world)
    for person in world.people.values():
        viewer = person.viewer
        if viewer.is_guest or viewer.taste:
            continue
        expected = sum(
            2 * may_know(scene.state, viewer) + 2 * may_read(scene.state, viewer)
            for scene in world.scenes.values()
        )
        answer = matrix.ask(person, "api", "GET", "/api/notifications/unread")
        assert f'"unread":{expected}' in answer.text.replace(" ", ""), viewer.name


@pytest.mark.parametrize("name", ["stranger", "follower", "pending", "muter", "blocked", "blocker"])
def test_a_copy_of_ones_data_holds_nothing_that_one_may_not_read(world: World, name: str) -> None:
    person = world.people[name]
    assert person.member is not None
    export = request_export(member=person.member, by=person.member)
    assert make_export(export_id=export.pk)
    export = DataExport.objects.get(pk=export.pk)
    shown: dict[str, set[str]] = {}
    with storages["private"].open(export.file) as file, zipfile.ZipFile(file) as copy:
        for entry in copy.namelist():
            for kind, slug in MARK.findall(copy.read(entry).decode(errors="replace")):
                shown.setdefault(slug, set()).add(kind)
    for scene in world.scenes.values():
        allowed = may_show(scene.state, person.viewer)
        if name == "blocker" and scene.state.account == "open":
            # Whom one blocks is one's own to know.
            allowed |= {"author"}
        leaks = shown.get(scene.state.slug, set()) - allowed
        assert not leaks, f"{scene.state.name}: {leaks}"
    assert shown or person.viewer.apart, "there is something to look through"
