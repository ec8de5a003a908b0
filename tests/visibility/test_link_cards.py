"""What other pages and sites are told of a post or profile that an address leads to: cards of links, and oEmbed."""

from __future__ import annotations

import pytest

from tests.factories import make_post
from tests.visibility.matrix import Matrix
from tests.visibility.truth import GUEST, STATES, may_know, may_read, present
from tests.visibility.world import build_world

NAMES = (
    "public",
    "unlisted",
    "followers only",
    "mentioned only",
    "held",
    "deleted",
    "closed",
    "made private",
)
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.usefixtures("_numbers_once")
def test_a_card_shows_what_its_viewer_and_a_guest_may_both_see(settings) -> None:
    # Those in which a viewer or a guest may not see the post or its author, and one for comparison.
    world = build_world([state for state in STATES if state.name in NAMES])
    matrix = Matrix(world, [])
    wrong: list[str] = []
    cells = 0
    for scene in world.scenes.values():
        state = scene.state
        links = [f"/posts/{scene.post.pk}", f"/@{scene.author.username}"]
        of_post, of_profile = (make_post(world.friend, settings.SITE_URL + link) for link in links)
        for person in [*world.viewers(), world.authors[state.name]]:
            viewer = present(state, person.viewer)
            if viewer.alike:
                continue
            form = "api" if viewer.by_token or cells % 2 else "page"
            for post, mark, there in (
                (of_post, "post", may_read(state, GUEST) and may_read(state, viewer)),
                (of_profile, "author", may_know(state, viewer)),
            ):
                path = f"/api/posts/{post.pk}" if form == "api" else f"/posts/{post.pk}/card"
                shown = matrix.shown_in(matrix.ask(person, form, "GET", path), *links).get(state.slug, set())
                cells += 1
                if mark == "post" and form == "page":
                    told = matrix.ask(person, form, "GET", f"/oembed?url={settings.SITE_URL}{links[0]}")
                    if (told.status == 200) != may_read(state, GUEST):
                        wrong.append(f"{state.name}, {person.viewer.name}, oEmbed: {told.status}")
                if (mark in shown) != there or (not there and shown - {"author id"}):
                    wrong.append(f"{state.name}, {person.viewer.name}, {mark} ({form}): {sorted(shown)}")
    assert cells > 100
    assert wrong == []
