"""Check that objects of one member are hidden from everyone else, for every method, as page and through the API.

The routes are the `owned` rows of the manifest, and the objects come from the makers in owned.py.
"""

import pytest

from accounts.models import Member
from tests.factories import make_member
from tests.visibility.manifest import ROUTES, Kind, Route
from tests.visibility.matrix import Answer, Matrix, address, parameters
from tests.visibility.owned import Belongings
from tests.visibility.truth import VIEWERS
from tests.visibility.world import Person, QuickClient, World, never, signed_in

pytestmark = pytest.mark.django_db

OWNED = [row for row in ROUTES if row.kind is Kind.OWNED]
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def others() -> dict[str, Person]:
    stranger = next(viewer for viewer in VIEWERS if viewer.name == "stranger")
    people = {
        "anonymous": None,
        "stranger": make_member("other_stranger"),
        "moderator": make_member("other_moderator", is_moderator=True),
        "staff": make_member("other_staff", is_staff=True),
        "with their own": make_member("another"),
    }
    return {
        name: Person(stranger, member, signed_in(member) if member else QuickClient())
        for name, member in people.items()
    }


def asked_for(route: Route, belongings: Belongings) -> dict[str, object]:
    """Return the ids in the URL: of the owner's objects, and of any member if it also names one."""
    return {name: belongings[name] for name in parameters(route)}


def sent(route: Route, belongings: Belongings, verb: str) -> dict[str, object]:
    """Return the body; `{session}` in the manifest becomes the id of the owner's session."""
    return {
        key: belongings[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
        for key, value in route.body_for(verb).items()
    }


class Nothing(Belongings):
    """Ids of objects that never existed."""

    def __getitem__(self, name: str) -> object:
        if name in ("username", "user_id"):
            return super().__getitem__(name)
        return self._made.setdefault(name, never())


@pytest.mark.parametrize("route", OWNED, ids=lambda row: row.path)
def test_objects_of_others_are_like_objects_that_never_existed(route: Route, db: None) -> None:
    owner = make_member("owner")
    theirs, nothing = Belongings(owner), Nothing(owner)
    matrix = Matrix(World())
    for name, other in others().items():
        if name == "with their own" and other.member is not None:
            for parameter in parameters(route):
                Belongings(other.member)[parameter]
        for form in ("api",) if route.is_api else ("page", "fragment"):
            for verb in VERBS:
                answers = []
                for things in (theirs, nothing):
                    asked = asked_for(route, things)
                    body = sent(route, things, verb)
                    answer = matrix.ask(other, form, verb, address(route, "", asked), body)
                    answers.append(answer.without(*asked.values(), *body.values()))
                assert same(*answers), f"{verb} as {name} ({form}): {answers[0]} against {answers[1]}"
                if verb in route.verbs and other.member is not None:
                    status = answers[0].status
                    # allauth asks for the password before anything else.
                    again = status == 302 and "reauthenticate" in answers[0].text
                    assert status == 404 or again or (refused_in_words(answers[0])), (
                        f"{verb} as {name}: {status}"
                    )


def same(one: Answer, other: Answer) -> bool:
    return (one.status, one.headers, one.text) == (other.status, other.headers, other.text)


def refused_in_words(answer: Answer) -> bool:
    """Return whether a form redirects with a message, as it does for objects that never existed."""
    return answer.status == 302 and "/login/" not in answer.text


@pytest.mark.parametrize("route", OWNED, ids=lambda row: row.path)
def test_the_owner_can_use_their_objects(route: Route, db: None) -> None:
    """Otherwise the test above would prove nothing."""
    owner: Member = make_member("owner")
    theirs = Belongings(owner)
    person = Person(VIEWERS[1], owner, signed_in(owner))
    for verb in route.verbs:
        asked = asked_for(route, theirs)
        answer = Matrix(World()).ask(
            person,
            "api" if route.is_api else "page",
            verb,
            address(route, "", asked),
            sent(route, theirs, verb),
        )
        assert answer.status < 500, answer.text
        assert answer.status != 404, f"{verb} {address(route, '', asked)}"
