"""Request every route of the manifest as every viewer, and compare the responses with truth.py.

A *cell of the matrix* is one state, one viewer and one request: a route with its query string, as a page, as the
fragment for HTMX, or through the API; a list is one cell for each state. A finding is either

- a **leak**: the response contains a mark that is hidden from this viewer, or a hidden object gets a different response
  from one that never existed: another status, header or text, apart from ids, nonces and tokens;
- a **wrong refusal**: something that this viewer may see is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

from django.db import transaction

from tests.visibility.manifest import ROUTES, Kind, Route
from tests.visibility.truth import (
    GUEST,
    STATES,
    VIEWERS,
    State,
    Viewer,
    finds,
    knows_as_blocker,
    may_follow_home,
    may_know,
    may_list,
    may_read,
    may_see_follows,
    may_talk,
    present,
)
from tests.visibility.world import COMMON, MARK, NEVER_NAME, Person, Scene, World, never

NUMBER = re.compile(r"\d{15,19}")
TRACE = re.compile(r"[0-9a-f]{32}")
PAGES_AT_MOST = 12
NEVER_TAG = "qtagneverq"


@dataclass(frozen=True)
class Finding:
    what: str
    state: str
    viewer: str
    call: str
    why: str
    route: str

    def __str__(self) -> str:
        return f"{self.what}: [{self.state}] seen by [{self.viewer}] at {self.call}: {self.why}"


@dataclass
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    def without(self, *asked: object) -> Answer:
        """Return a copy without the given values and all that differs each time, so that two can be compared."""
        text, short = self.text, [str(value) for value in asked if len(str(value)) < 5]
        asked = tuple(value for value in asked if len(str(value)) >= 5)
        for number in short:
            text = text.replace(f"/{number}/", "/ASKED/").replace(f"%2F{number}%2F", "%2FASKED%2F")
        for value in sorted((str(value) for value in asked), key=len, reverse=True):
            text = text.replace(value, "ASKED")
        for pattern, by in VARYING:
            text = pattern.sub(by, text)
        # First the trace id, which may happen to contain as many digits as an id.
        headers = {name: TRACE.sub("TRACE", value) for name, value in self.headers.items()}
        headers = {name: NUMBER.sub("ASKED", value) for name, value in headers.items()}
        for name in headers:
            for number in short:
                headers[name] = headers[name].replace(f"/{number}/", "/ASKED/")
                headers[name] = headers[name].replace(f"%2F{number}%2F", "%2FASKED%2F")
        for name in headers:
            for asked_value in map(str, asked):
                headers[name] = headers[name].replace(asked_value, "ASKED")
            for pattern, by in VARYING:
                headers[name] = pattern.sub(by, headers[name])
        return Answer(self.status, text, headers)


VARYING = [
    (TRACE, "TRACE"),
    (re.compile(r"nonce[-=]['\"]?[\w+/=-]+['\"]?"), "NONCE"),
    (re.compile(r"(csrfmiddlewaretoken\" value|X-CSRFToken\"): ?=?\"\w+\""), "CSRF"),
    (re.compile(r"csrfmiddlewaretoken\" value=\"\w+\""), "CSRF"),
    (re.compile(r"(idempotency_key\" value)=\"[\w-]+\""), "KEY"),
]
NOT_COMPARED = {
    "date",
    "x-trace-id",
    "content-length",
    "ratelimit-remaining",
    "ratelimit-reset",
    "server-timing",
}

# What intentionally remains of a hidden post (truth.WHAT_STAYS).
STAYS = [
    re.compile(r'"(?:in_reply_to|thread)": ?"\d+"'),
    re.compile(r'<p class="post-gone" id="post-\d+"'),
]


def echoes(query: str) -> list[str]:
    """Return the texts of a query string as a page repeats them: in a field and in links."""
    texts = [text for _, text in parse_qsl(query) if "@" in text]
    return [form for text in texts for form in (text, quote(text), quote_plus(text), quote(text, safe=""))]


OF_MODERATION = {"trend_id": 1, "rule_id": 1, "key": "en-threat"}
"""Values for the other parameters of moderation routes, which name nothing of a member."""


@dataclass
class Matrix:
    """Check the matrix or a slice of it (fewer routes, viewers or states): `look()` fills `cells` and `findings`."""

    world: World
    routes: Iterable[Route] = field(default_factory=lambda: ROUTES)
    viewers: set[str] | None = None
    states: set[str] | None = None
    forms: tuple[str, ...] = ("page", "fragment", "api")
    is_slice: bool = False
    cells: int = 0
    requests: int = 0
    findings: list[Finding] = field(default_factory=list)
    _route: str = ""
    _nevers: dict[tuple[Any, ...], Answer] = field(default_factory=dict)

    def look(self) -> Matrix:
        for route in self.routes:
            self._route = route.path
            for person in self._people():
                for form in self._forms(route, person):
                    LOOKS[route.kind](self, route, person, form)
        return self

    @property
    def leaks(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.what == "leak"]

    @property
    def refusals(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.what != "leak"]

    # --- Viewers and forms -------------------------------------------------------------------------------------------

    def _scenes(self, person: Person) -> list[Scene]:
        """Return the scenes that a viewer is checked with; for an author, their own."""
        scenes = self.world.scenes.values()
        if person.viewer.is_author:
            scenes = [scene for scene in scenes if scene.author == person.member]  # type: ignore[assignment]
        return [scene for scene in scenes if self.states is None or scene.state.name in self.states]

    def _people(self) -> Iterator[Person]:
        for person in [*self.world.people.values(), *self.world.authors.values()]:
            if (self.viewers is None or person.viewer.name in self.viewers) and self._scenes(person):
                yield person

    def _forms(self, route: Route, person: Person) -> list[str]:
        if route.is_api:
            return [form for form in self.forms if form == "api"]
        return [] if person.viewer.by_token else [form for form in self.forms if form != "api"]

    # --- Requests ----------------------------------------------------------------------------------------------------

    def ask(
        self, person: Person, form: str, verb: str, path: str, body: dict[str, Any] | None = None
    ) -> Answer:
        """Send one request and roll back what it changes."""
        headers = dict(person.headers)
        if form == "fragment":
            headers["HX-Request"] = "true"
        self.requests += 1
        given: dict[str, Any] = {"headers": headers}
        if verb not in ("GET", "HEAD"):
            if form == "api":
                given |= {"data": json.dumps(body or {}), "content_type": "application/json"}
            elif body:
                given["data"] = body
        # GET may write, too: opening a notification marks it as read.
        with transaction.atomic():
            response = getattr(person.client, verb.lower())(path, **given)
            transaction.set_rollback(True)
        text = response.content.decode() if not response.streaming else ""
        headers = {name.lower(): value for name, value in response.headers.items()}
        text = "\n".join(
            [*(headers.get(name, "") for name in ("location", "hx-trigger", "hx-redirect")), text]
        )
        headers["set-cookie"] = ",".join(sorted(response.cookies))
        return Answer(response.status_code, text, {k: v for k, v in headers.items() if k not in NOT_COMPARED})

    # --- Comparing ---------------------------------------------------------------------------------------------------

    def cell(self, scene: Scene, person: Person, call: str, *, leak: str = "", refusal: str = "") -> None:
        self.cells += 1
        if leak or refusal:
            finding = Finding(
                "leak" if leak else "wrong refusal",
                scene.state.name,
                person.viewer.name,
                call,
                leak or refusal,
                self._route,
            )
            self.findings.append(finding)

    def shown_in(self, answer: Answer, *asked: object) -> dict[str, set[str]]:
        """Return the marks of each state in the response: slug → {"post", "author", …}."""
        text = answer.text
        for value in asked:
            text = text.replace(str(value), "")
        for pattern in STAYS:
            text = pattern.sub("", text)
        found: dict[str, set[str]] = {}
        for kind, slug in MARK.findall(text):
            found.setdefault(slug, set()).add(kind)
        for number in NUMBER.findall(text):
            if number in self.world.ids:
                kind, scene = self.world.ids[number]
                found.setdefault(scene.state.slug, set()).add(f"{kind} id")
        return found

    def leaks_in(
        self, shown: dict[str, set[str]], scene: Scene, person: Person, route: Route, *, trends: bool = False
    ) -> str:
        """Return the marks of this state that are hidden from this viewer."""
        state, viewer = scene.state, GUEST if route.as_guest else person.viewer
        marks = shown.get(state.slug, set()) - may_show(state, viewer)
        if not is_listed(route, state, viewer):
            # A reply by somebody else may be listed, and links to it.
            marks |= shown.get(state.slug, set()) & (OF_POST - {"post id"})
        if route.for_blockers and knows_as_blocker(state, viewer):
            marks -= {"author", "author id"}
        if trends and "trend" in shown.get(state.slug, set()) and not trends_for_all(state):
            marks.add("trending tag")
        marks |= {f"above {mark}" for mark in shown.get(f"above{state.slug}", set()) & {"post", "why"}}
        return ", ".join(sorted(marks))

    def like_never(
        self,
        answer: Answer,
        person: Person,
        form: str,
        verb: str,
        route: Route,
        query: str,
        asked: dict[str, Any],
    ) -> str:
        """Return how the response differs from that for an object that never existed, or "" if it doesn't."""
        nothing = {name: NEVERS[name] for name in asked if name in NEVERS}
        key = (person.member and person.member.pk, form, verb, route.path, query)
        twin = self._nevers.get(key)
        if twin is None:
            path = address(route, query, {**asked, **nothing})
            twin = self.ask(person, form, verb, path, route.body_for(verb)).without(
                *nothing.values(), *asked.values()
            )
            self._nevers[key] = twin
        answer = answer.without(*asked.values(), *nothing.values())
        if answer.status != twin.status:
            return f"status {answer.status}, and of what never existed {twin.status}"
        if answer.headers != twin.headers:
            return f"headers differ: {set(answer.headers.items()) ^ set(twin.headers.items())}"
        if answer.text != twin.text:
            return f"words differ: {_difference(answer.text, twin.text)}"
        return ""

    def _circle(self, route: Route, answer: Answer, scene: Scene, person: Person, verb: str) -> str:
        """Return a leak if follows are hidden from the viewer but the friend, who follows every author, is listed."""
        if not route.circle or verb != "GET" or may_see_follows(scene.state, person.viewer):
            return ""
        return "whom the author follows" if self.world.friend.username in answer.text else ""

    # --- Kinds of routes ---------------------------------------------------------------------------------------------

    def of_post(self, route: Route, person: Person, form: str) -> None:
        for scene in self._scenes(person):
            read = may_read(scene.state, GUEST if route.as_guest else person.viewer)
            if self._is_skipped(route, form, scene, person):
                continue
            for verb, query in calls(route):
                asked = {
                    "username": scene.author.username,
                    "post_id": scene.post.pk,
                    "quote_id": scene.child.pk,
                }
                self._address(route, person, form, verb, query, scene, asked, there=read)
            if route.shows:
                # The reply to it is public, and must not reveal the post.
                asked = {"username": self.world.friend.username, "post_id": scene.child.pk}
                self._around(route, person, form, asked, [scene])
        if route.verbs[0] == "GET" and not self._is_skipped(route, form, self._scenes(person)[0], person):
            asked = {"username": self.world.friend.username, "post_id": self.world.parent.pk}
            self._around(route, person, form, asked, self._scenes(person))

    def of_member(self, route: Route, person: Person, form: str) -> None:
        for scene in self._scenes(person):
            if not (route.posts or route.finds or scene.state.is_of_account):
                continue
            known = may_know(scene.state, GUEST if route.as_guest else person.viewer)
            if route.for_blockers and knows_as_blocker(scene.state, person.viewer):
                known = True
            if self._is_skipped(route, form, scene, person):
                continue
            for verb, query in calls(route):
                asked = {"username": scene.author.username, "user_id": scene.author.pk}
                if person.viewer.is_author and known:
                    self._around(route, person, form, asked, [scene], verb=verb)
                    continue
                self._address(route, person, form, verb, query, scene, asked, there=known)
        if route.verbs[0] == "GET" and not self._is_skipped(route, form, self._scenes(person)[0], person):
            asked = {"username": self.world.friend.username, "user_id": self.world.friend.pk}
            self._around(route, person, form, asked, self._scenes(person))

    def listing(self, route: Route, person: Person, form: str) -> None:
        if person.viewer.is_author and not route.finds:
            # Authors are checked only with lists that must contain their posts; elsewhere they are like the stranger.
            return
        if "name" in parameters(route):
            self._tag(route, person, form)
        for verb, query in calls(route):
            if verb != "GET" or self._other_form(route, form, person):
                continue
            asked = {"name": COMMON, "username": person.member.username if person.member else NEVER_NAME}
            pages = list(self._pages(route, person, form, query, asked))
            self._pages_show(route, person, form, query, pages, self._scenes(person), asked)

    def own(self, route: Route, person: Person, form: str) -> None:
        self.listing(route, person, form)
        if "username" in parameters(route) and route.verbs[0] == "GET":
            scene = self._scenes(person)[0]
            # For others, a route for a member's own content is a 404.
            path = address(route, "", {"username": self.world.friend.username})
            answer = self.ask(person, form, "GET", path)
            there = answer.status not in (401, 404) and "/login/" not in answer.text
            self.cell(scene, person, f"GET {path} ({form})", leak=f"status {answer.status}" if there else "")

    def owned(self, route: Route, person: Person, form: str) -> None:
        """Check the viewer's own objects that involve the author, such as a conversation: hidden if the author is."""
        if person.viewer.is_author:
            return
        if "list_id" in parameters(route) and "GET" in route.verbs:
            self._list(route, person, form)
        for scene in self._scenes(person):
            if self._is_skipped(route, form, scene, person):
                continue
            for asked, there in self._things(route, scene, person):
                for verb, query in calls(route):
                    self._address(route, person, form, verb, query, scene, asked, there=there)

    def moderation(self, route: Route, person: Person, form: str) -> None:
        for scene in self._scenes(person):
            asked = {"post_id": scene.post.pk, "user_id": scene.author.pk, **OF_MODERATION}
            for verb, query in calls(route):
                path = address(route, query, asked)
                call = f"{verb} {path} ({form})"
                answer = self.ask(person, form, verb, path, route.body_for(verb))
                if not person.viewer.moderates:
                    asks_to_sign_in = answer.status == 401 and present(scene.state, person.viewer).is_guest
                    why = "" if answer.status == 404 or asks_to_sign_in else f"status {answer.status}"
                    why = why or self.leaks_in(self.shown_in(answer), scene, person, route)
                    self.cell(scene, person, call, leak=why)
                elif scene.state.post == "deleted":
                    shown = self.shown_in(answer).get(scene.state.slug, set())
                    self.cell(scene, person, call, leak="its words" if "post" in shown else "")
            if not parameters(route):
                break

    def staff(self, route: Route, person: Person, form: str) -> None:
        if person.viewer.name == "staff" or form != "page":
            return
        for scene in self._scenes(person):
            path = f"/admin/posts/post/{scene.post.pk}/change/"
            answer = self.ask(person, form, "GET", path)
            twin = self.ask(person, form, "GET", f"/admin/posts/post/{never()}/change/")
            there = "" if (answer.status, twin.status) == (302, 302) else f"status {answer.status}"
            self.cell(scene, person, f"GET {path}", leak=there)

    def nothing(self, route: Route, person: Person, form: str) -> None:
        if route.path != "live/since":
            return
        # Streams of posts, by polling as a page does without sockets.
        scenes = self._scenes(person)
        names = {f"post.{post.pk}": scene for scene in scenes for post in scene.posts}
        secret = {f"member.{scene.author.pk}": scene for scene in scenes if not person.viewer.is_author}
        unknown = f"post.{never()}"
        path = f"/live/since?streams={','.join([*names, *secret, unknown])}&after=1"
        answer = json.loads(self.ask(person, form, "GET", path).text.strip())
        told = {fact.get("id") for fact in answer["facts"]}
        for stream, scene in names.items():
            may = may_read(scene.state, person.viewer)
            given = stream in answer["streams"] or stream.partition(".")[2] in told
            leak = "the stream is there" if given and not may else ""
            self.cell(scene, person, stream, leak=leak, refusal="refused" if may and not given else "")
        for stream, scene in secret.items():
            self.cell(
                scene, person, stream, leak="" if stream in answer["refused"] else "somebody else's stream"
            )

    def _is_skipped(self, route: Route, form: str, scene: Scene, person: Person) -> bool:
        """Return whether to skip this cell to save time.

        Pages and fragments use the same queries, so one viewer gets the page and the next one the fragment, alternating
        by state and route. Viewers and states that are alike (truth.py) share the URLs likewise. Nothing is skipped in
        a slice.
        """
        if self.is_slice:
            return False
        turn = _place(scene.state.name) + _place(person.viewer.name) + len(route.path)
        if (person.viewer.alike or scene.state.alike) and turn // 2 % 3:
            return True
        return form != "api" and ("page", "fragment")[turn % 2] != form

    def _other_form(self, route: Route, form: str, person: Person) -> bool:
        """Return whether to skip this form of a list: one viewer reads it as a page, the next one as a fragment."""
        if self.is_slice or form == "api":
            return False
        return ("page", "fragment")[(_place(person.viewer.name) + len(route.path)) % 2] != form

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _address(
        self,
        route: Route,
        person: Person,
        form: str,
        verb: str,
        query: str,
        scene: Scene,
        asked: dict[str, Any],
        *,
        there: bool,
    ) -> None:
        """Check a URL of the author: if not `there`, its response must be as for an object that never existed."""
        path = address(route, query, asked)
        call = f"{verb} {path} ({form})"
        answer = self.ask(person, form, verb, path, route.body_for(verb))
        if not there:
            self.cell(
                scene, person, call, leak=self.like_never(answer, person, form, verb, route, query, asked)
            )
            return
        guest = present(scene.state, person.viewer).is_guest
        may_miss = route.may_miss or (route.of_published and scene.state.post != "published")
        missing = answer.status == 404 and not guest and not may_miss
        refusal = "404" if missing else f"status {answer.status}" if answer.status >= 500 else ""
        shown = self.shown_in(answer)
        if route.shows and "post" not in shown.get(scene.state.slug, ()) and verb == "GET":
            refusal = refusal or "its words are not there"
        if route.finds and verb == "GET" and form != "fragment" and route.kind is Kind.OF_MEMBER:
            wanted = finds(route.finds, scene.state, person.viewer)
            if wanted and "post" not in shown.get(scene.state.slug, ()):
                refusal = refusal or "the post is not in it"
        self.cell(
            scene,
            person,
            call,
            leak=self.leaks_in(shown, scene, person, route)
            or self._circle(route, answer, scene, person, verb),
            refusal=refusal,
        )

    def _around(
        self,
        route: Route,
        person: Person,
        form: str,
        asked: dict[str, Any],
        scenes: list[Scene],
        *,
        verb: str = "GET",
    ) -> None:
        """Check a URL of someone else, whose response might also contain hidden content."""
        path = address(route, "", asked)
        if verb == "GET":
            answers = list(self._pages(route, person, form, "", asked))
        else:
            answers = [self.ask(person, form, verb, path, route.body_for(verb))]
        shown: dict[str, set[str]] = {}
        for answer in answers:
            for slug, marks in self.shown_in(answer).items():
                shown.setdefault(slug, set()).update(marks)
        for scene in scenes:
            leak = self.leaks_in(shown, scene, person, route)
            self.cell(scene, person, f"{verb} {path} ({form})", leak=leak)

    def _tag(self, route: Route, person: Person, form: str) -> None:
        """Check that a tag that only hidden posts have is like one that was never used."""
        for scene in self._scenes(person):
            asked = {"name": f"qtag{scene.state.slug}q"}
            viewer = GUEST if route.as_guest else person.viewer
            there = may_list(scene.state, viewer) and scene.state.post == "published"
            for verb, query in calls(route):
                if verb == "GET":
                    self._address(route, person, form, verb, query, scene, asked, there=there)

    def _list(self, route: Route, person: Person, form: str) -> None:
        """Check the viewer's own list, which contains every author: its feed and its members."""
        asked = {"list_id": person.list_id}
        if set(parameters(route)) == {"list_id"} and person.member is not None:
            for query in route.queries:
                pages = list(self._pages(route, person, form, query, asked))
                self._pages_show(route, person, form, query, pages, self._scenes(person), asked)

    def _pages(
        self, route: Route, person: Person, form: str, query: str, asked: dict[str, Any]
    ) -> Iterator[Answer]:
        """Yield all pages of a list; from the second on as HTMX requests them."""
        cursor = ""
        for _ in range(PAGES_AT_MOST):
            more = "&".join(part for part in (query, cursor and f"cursor={cursor}") if part)
            answer = self.ask(
                person, "fragment" if cursor and form == "page" else form, "GET", address(route, more, asked)
            )
            yield answer
            following = _next(answer, form)
            if not following or following == cursor:
                return
            cursor = following

    def _pages_show(
        self,
        route: Route,
        person: Person,
        form: str,
        query: str,
        pages: list[Answer],
        scenes: list[Scene],
        asked: dict[str, Any],
    ) -> None:
        shown: dict[str, set[str]] = {}
        for page in pages:
            # The page repeats the query in its field and links.
            for slug, marks in self.shown_in(page, *echoes(query)).items():
                shown.setdefault(slug, set()).update(marks)
        trends = query == "tab=tags" or route.path == "api/trends"
        call = f"GET {address(route, query, asked)} ({form}, {len(pages)} pages)"
        for scene in scenes:
            wanted = (
                bool(route.finds)
                and query in route.found_with
                and is_listed(route, scene.state, person.viewer)
                and finds(route.finds, scene.state, person.viewer)
            )
            missing = wanted and "post" not in shown.get(scene.state.slug, ())
            self.cell(
                scene,
                person,
                call,
                leak=self.leaks_in(shown, scene, person, route, trends=trends),
                refusal="the post is not in it" if missing else "",
            )

    def _things(self, route: Route, scene: Scene, person: Person) -> Iterator[tuple[dict[str, Any], bool]]:
        """Yield the viewer's own objects that belong to this scene, and whether they are visible."""
        named, name = parameters(route), person.viewer.name
        if name not in scene.told:
            return
        if "conversation_id" in named:
            asked = {"conversation_id": scene.conversations[name], "message_id": scene.messages[name]}
            yield (
                {key: value for key, value in asked.items() if key in named},
                may_talk(scene.state, person.viewer),
            )
        if "notification_id" in named and not person.viewer.taste:
            # One of the four kinds for each route and state, in turn.
            kinds = list(scene.told[name])
            turn = len(route.path) + list(self.world.scenes).index(scene.state.name)
            kind = kinds[turn % len(kinds)]
            there = (may_read if kind in ("mention", "reply") else may_know)(scene.state, person.viewer)
            yield {"notification_id": scene.told[name][kind]}, there and not person.viewer.is_guest


LOOKS = {
    Kind.OF_POST: Matrix.of_post,
    Kind.OF_MEMBER: Matrix.of_member,
    Kind.LISTING: Matrix.listing,
    Kind.OWN: Matrix.own,
    Kind.OWNED: Matrix.owned,
    Kind.MODERATION: Matrix.moderation,
    Kind.STAFF: Matrix.staff,
    Kind.NOTHING: Matrix.nothing,
}

NEVERS: dict[str, Any] = {
    "post_id": never(),
    "quote_id": never(),
    "user_id": never(),
    "username": NEVER_NAME,
    "name": NEVER_TAG,
    "conversation_id": never(),
    "message_id": never(),
    "notification_id": never(),
}


def _place(name: str) -> int:
    """Return a number for a state or viewer that is the same in every run."""
    return [*(state.name for state in STATES), *(viewer.name for viewer in VIEWERS)].index(name)


OF_POST = {"post", "post id", "past", "tag"}
"""The marks of what a post says."""


def is_listed(route: Route, state: State, viewer: Viewer) -> bool:
    """Return whether the list may show the post, as far as that depends on the list."""
    if route.everyones:
        return may_list(state, viewer)
    return not route.home or may_follow_home(state, viewer)


def may_show(state: State, viewer: Viewer) -> set[str]:
    """Return the marks of a state that this viewer may see."""
    viewer_is_author = present(state, viewer).is_author
    marks = {"trend"}
    if may_know(state, viewer) or viewer_is_author:
        marks |= {"author", "author id"}
    if may_read(state, viewer):
        marks |= OF_POST
    if may_talk(state, viewer) or viewer_is_author:
        marks |= {"message"}
    if viewer_is_author:
        marks |= {"why"}
    return marks


def trends_for_all(state: State) -> bool:
    """Return whether the tag trends, for everyone: two others use it, and it needs the author's post as the third."""
    is_public = state.visibility == "public" and not state.private
    return state.post == "published" and state.account == "open" and is_public


def parameters(route: Route) -> list[str]:
    return re.findall(r"<\w+:(\w+)>", route.path)


def calls(route: Route) -> list[tuple[str, str]]:
    """Return the method and query string of each request; only GET has query strings."""
    return [(verb, query) for verb in route.verbs for query in (route.queries if verb == "GET" else ("",))]


def address(route: Route, query: str, asked: dict[str, Any]) -> str:
    path = re.sub(r"<\w+:(\w+)>", lambda match: str(asked[match[1]]), route.path)
    return f"/{path}?{query}" if query else f"/{path}"


def _next(answer: Answer, form: str) -> str:
    if form == "api":
        body = answer.text.strip()
        data = json.loads(body) if body.startswith("{") else {}
        return str(data.get("next") or "")
    found = re.findall(r"[?&;]cursor=([\w%.=~-]+)", answer.text)
    return str(found[-1]) if found else ""


def _difference(one: str, other: str) -> str:
    """Return an excerpt of two texts around their first difference."""
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return f"…{one[max(at - 40, 0) : at + 60]!r} against …{other[max(at - 40, 0) : at + 60]!r}"
