"""Check that the manifest lists everything that can show content, and nothing that doesn't exist."""

import re

from tests.visibility import routes
from tests.visibility.manifest import JOBS, NOT_BUILT, ROUTES, SOCKETS, STREAMS, Kind
from tests.visibility.owned import MAKERS

HOW = "see the docstring of tests/visibility/manifest.py"


def test_every_route_is_listed() -> None:
    missing = [path for path in routes.routes() if path not in {row.path for row in ROUTES}]
    waited = [
        f"{feature} ({path}): build its column of the matrix as well"
        for path in missing
        for feature, words in NOT_BUILT.items()
        if any(word in path for word in words)
    ]
    assert not missing, f"not in the manifest, {HOW}: {missing} {waited}"


def test_every_listed_route_exists() -> None:
    there = set(routes.routes())
    gone = [row.path for row in ROUTES if row.path not in there]
    assert not gone, f"in the manifest, but gone: {gone}"


def test_a_route_is_listed_once() -> None:
    paths = [row.path for row in ROUTES]
    assert sorted(paths) == sorted(set(paths))


def test_every_stream_and_socket_is_listed() -> None:
    assert routes.streams() == set(STREAMS), HOW
    assert routes.sockets() == set(SOCKETS), HOW


def test_every_job_is_listed() -> None:
    assert routes.jobs() == set(JOBS), HOW


def test_results_of_jobs_are_shown_at_routes_that_the_matrix_checks() -> None:
    looked_at = {row.path for row in ROUTES if row.kind is not Kind.NOTHING} | {
        f"{name}.*" for name in STREAMS
    }
    for name, job in JOBS.items():
        assert job.why or job.shown_at, f"{name} says neither where it is seen nor why it is not"
        assert set(job.shown_at) <= looked_at, name


def test_every_route_that_shows_nothing_has_a_reason() -> None:
    assert [row.path for row in ROUTES if row.kind is Kind.NOTHING and not row.why] == []


def test_the_parameters_of_a_route_decide_its_kind() -> None:
    """A route with the id of a post can't be a `listing`, nor one with the id of another object `nothing`."""
    for row in ROUTES:
        names = set(re.findall(r"<(?:\w+:)?(\w+)>", row.path)) - {"username", "name"}
        if row.kind is Kind.NOTHING:
            assert names <= {"key", "uidb36", "provider_id", "code", "language"}, row.path
        elif "post_id" in names:
            assert row.kind in (Kind.OF_POST, Kind.MODERATION), row.path
        elif names == {"user_id"}:
            assert row.kind in (Kind.OF_MEMBER, Kind.MODERATION), row.path
        elif names and row.kind is not Kind.MODERATION:
            assert row.kind is Kind.OWNED, row.path


def test_every_owned_object_has_a_maker() -> None:
    for row in ROUTES:
        if row.kind is Kind.OWNED:
            named = re.findall(r"<\w+:(\w+)>", row.path) or re.findall(r"\{(\w+)\}", str(row.body))
            assert named, row.path
            named = [name for name in named if name not in ("username", "user_id")]
            assert set(named) <= set(MAKERS), (
                f"{row.path}: its parameter needs a maker in tests/visibility/owned.py"
            )
