"""Check that hidden content changes nothing: every list returns the same bytes whether hidden content exists or not.

The truth table (truth.py) defines what a viewer may not see. For one viewer at a time, that is deleted together with
everything derived from it, in a transaction that is rolled back. Each list is read from its first page to its last,
through the API with limits 1, 2 and 20.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import Interest, Member
from accounts.queries import topics
from feed.actions.suggestions import compute_suggestions_for
from feed.actions.trends import compute_trends
from feed.models import Suggestion, SuggestionRun, Trend
from feed.queries.about import COUNTS_KEY
from messaging.models import Conversation
from moderation.models import Report
from notifications.models import Notification, NotificationGroup, NotificationKind
from posts.models import Bookmark, Like, Mention, Post, PostTag
from search.actions import index_posts, rebuild_database
from social.models import FollowRequest
from tests.factories import make_member
from tests.visibility.manifest import ROUTES, Kind, Route
from tests.visibility.matrix import VARYING, _difference, address, parameters
from tests.visibility.truth import may_know, may_read
from tests.visibility.world import COMMON, NEVER_NAME, Person, Scene, World

LIMITS = (1, 2, 20)
STATES = {"waiting": "pending"} | {name: name for name in ("published", "held", "removed", "deleted")}
PAGES_AT_MOST = 200
NOT_COMPARED = {"date", "x-trace-id", "ratelimit-remaining", "ratelimit-reset", "server-timing"}

OWN_KNOWLEDGE = {
    "reports": "lists what one reported oneself, whatever has become of it",
    "settings/blocked": "names whom one blocked oneself",
    "api/blocks": "as above",
    "settings/data/blocks.csv": "as above",
    "api/data/blocks.csv": "as above",
}
"""Routes that intentionally show viewers their own actions on content that is hidden from them."""
WEIGHED_FOR_ALL = {"explore", "suggestions", "suggestions/beside", "start/people", "api/suggestions"}
"""Suggestions are scored by what everyone may see, even for viewers who don't see all of it because of a block."""


@dataclass(frozen=True)
class Call:
    """A list and how it is requested."""

    route: Route
    form: str
    path: str
    query: str = ""

    def address(self, cursor: str) -> str:
        asked = "&".join(part for part in (self.query, cursor and f"cursor={cursor}") if part)
        return f"{self.path}?{asked}" if asked else self.path

    def __str__(self) -> str:
        return f"GET {self.address('')} ({self.form})"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    def difference(self, other: Answer) -> str:
        if self.status != other.status:
            return f"status {self.status} and {other.status}"
        if self.body != other.body:
            return _difference(self.body, other.body)
        if self.headers != other.headers:
            return f"headers {set(self.headers.items()) ^ set(other.headers.items())}"
        return ""


@dataclass
class Equality:
    """Compare all lists with and without hidden content: `look()` fills `findings`."""

    world: World
    people: Iterable[Person]
    limits: tuple[int, ...] = LIMITS
    share: int = 1
    """Each viewer requests only one in `share` lists, and the next viewer the next ones."""
    pages_too: bool = True
    """Also request pages. They use the same queries as the API, so the API alone is quicker."""
    only: frozenset[str] = frozenset()
    """Only these routes; all if empty."""
    names_states: bool = True
    """Name the state that causes each finding, which takes a request or two for each state."""
    elsewhere: Callable[[], AbstractContextManager[None]] = nullcontext
    """A context in which stores outside the database, such as the search server, have no hidden content either."""
    requests: int = 0
    lists: int = 0
    seconds: float = 0
    findings: list[str] = field(default_factory=list)

    def look(self) -> Equality:
        began = time.process_time()
        for turn, person in enumerate(self.people):
            calls = [call for n, call in enumerate(self.calls(person, turn)) if (n + turn) % self.share == 0]
            work_out(person)
            there = [list(self.pages(person, call)) for call in calls]
            with transaction.atomic():
                remove_hidden(self.world, person)
                with self.elsewhere():
                    gone = [list(self.pages(person, call)) for call in calls]
                transaction.set_rollback(True)
            cache.clear()
            self.lists += len(calls)
            for call, with_it, without in zip(calls, there, gone, strict=True):
                if difference := _differ(with_it, without):
                    what = self._which(person, call, with_it) if self.names_states else "something hidden"
                    self.findings.append(f"[{what}] shows to [{_name(person)}] at {call}: {difference}")
        self.seconds += time.process_time() - began
        return self

    def calls(self, person: Person, turn: int) -> Iterator[Call]:
        """Yield every list for a viewer: those in the manifest, and those around content that everyone may see."""
        for n, route in enumerate(ROUTES):
            if (
                "GET" not in route.verbs
                or route.path in OWN_KNOWLEDGE
                or (route.as_guest and not person.viewer.is_guest)
                or (self.only and route.path not in self.only)
            ):
                continue
            if person.viewer.apart and route.path in WEIGHED_FOR_ALL:
                continue
            form = "api" if route.is_api else ("page", "fragment")[(n + turn) % 2]
            if form != "api" and (person.viewer.by_token or not self.pages_too):
                continue
            for asked in self._around(route, person):
                for query in route.queries:
                    query = re.sub(r"&?limit=\d+", "", query)
                    for limit in self.limits if form == "api" else (0,):
                        whole = "&".join(part for part in (query, limit and f"limit={limit}") if part)
                        yield Call(route, form, address(route, "", asked), whole)

    def _around(self, route: Route, person: Person) -> list[dict[str, Any]]:
        """Return the values for a route's parameters: the viewer's own objects, and public ones."""
        friend, public = self.world.friend, self.world.scenes["public"]
        match route.kind:
            case Kind.LISTING | Kind.OWN:
                return [{"name": COMMON, "username": person.member.username if person.member else NEVER_NAME}]
            case Kind.OF_POST | Kind.OF_MEMBER:
                around = [(friend, self.world.parent)]
                # Viewers with a block don't see the author of the public post.
                around += [] if person.viewer.apart else [(public.author, public.post)]
                return [{"username": a.username, "user_id": a.pk, "post_id": post.pk} for a, post in around]
            case Kind.OWNED if set(parameters(route)) == {"list_id"} and person.list_id:
                return [{"list_id": person.list_id}]
        return []

    def pages(self, person: Person, call: Call) -> Iterator[Answer]:
        """Yield all pages of a list; from the second on as HTMX requests them."""
        cursor = ""
        for _ in range(PAGES_AT_MOST):
            answer = self.ask(
                person, "fragment" if cursor and call.form == "page" else call.form, call.address(cursor)
            )
            yield answer
            # When something is left out of a page, its link points to the same page.
            following = _next(answer, call.form)
            if not following or following == cursor:
                return
            cursor = following
        raise AssertionError(f"{call} has no end")

    def ask(self, person: Person, form: str, path: str) -> Answer:
        """Send one request and roll back what it changes."""
        headers = person.headers | ({"HX-Request": "true"} if form == "fragment" else {})
        self.requests += 1
        with transaction.atomic():
            response = person.client.get(path, headers=headers)
            transaction.set_rollback(True)
        raw = b"".join(response) if response.streaming else response.content
        told = {name.lower(): value for name, value in response.headers.items()}
        told |= {"length": str(len(raw)), "set-cookie": ",".join(sorted(response.cookies))}
        kept = {name: _still(value) for name, value in told.items() if name not in NOT_COMPARED}
        return Answer(response.status_code, kept, _still(raw.decode(errors="replace")))

    def _which(self, person: Person, call: Call, with_it: list[Answer]) -> str:
        """Name the states that cause a finding, by removing each of them alone."""
        found = []
        for scene in self.world.scenes.values():
            with transaction.atomic():
                remove_hidden(self.world, person, [scene])
                with self.elsewhere():
                    if _differ(with_it, list(self.pages(person, call))):
                        found.append(scene.state.name)
                transaction.set_rollback(True)
            cache.clear()
        return ", ".join(found) or "some states together"


def _name(person: Person) -> str:
    return person.member.username if person.viewer.is_author and person.member else person.viewer.name


def _still(text: str) -> str:
    for pattern, by in VARYING:
        text = pattern.sub(by, text)
    return text


def _differ(one: list[Answer], other: list[Answer]) -> str:
    for n, (a, b) in enumerate(zip(one, other, strict=False), 1):
        if difference := a.difference(b):
            return f"page {n}: {difference}"
    return f"{len(one)} pages and {len(other)}" if len(one) != len(other) else ""


def _next(answer: Answer, form: str) -> str:
    if form == "api":
        data = json.loads(answer.body) if answer.body.startswith("{") else {}
        return str(data.get("next") or "")
    found = re.findall(r"[?&;]cursor=([\w%.=~-]+)", answer.body)
    return str(found[-1]) if found else ""


# --- More content -------------------------------------------------------------------------------------------------


def add_more(world: World) -> None:
    """Add content that lists group, rank or count: long runs of hidden posts among visible ones."""
    posts, requests, interests = [], [], []
    viewers = [person.member for person in world.people.values() if person.member is not None]
    Member.objects.get_queryset().update(location="Lisbon")
    for scene in world.scenes.values():
        author, text = scene.author, f"{COMMON} qpost{scene.state.slug}q once more"
        for n, parent in enumerate((None, None, world.parent, world.parent)):
            own = _post(author, text, parent)
            # With replies by its author only, or also by someone whom everyone may read.
            answers = [
                _post(author, text, own),
                *([_post(world.friend, "A public answer", own)] if n % 2 else []),
            ]
            own.replies_count = len(answers)
            posts += [own, *answers]
        requests += [FollowRequest(requester=author, member=viewer) for viewer in viewers]
        interests += [Interest(member=author, topic=topic.key) for topic in topics()[:2]]
    Post.objects.bulk_create(posts)
    # Indexed before they are hidden, so that the index is behind.
    index_posts(ids=[post.pk for post in posts])
    for scene in world.scenes.values():
        rows = Post.objects.filter(author=scene.author)
        rows.update(state=STATES[scene.state.post], visibility=scene.state.visibility)
        if scene.state.visibility == "mentioned":
            named = world.people["mentioned"].member
            assert named is not None
            Mention.objects.bulk_create(
                [Mention(post=post, member=named) for post in rows], ignore_conflicts=True
            )
    FollowRequest.objects.bulk_create(requests, ignore_conflicts=True)
    interests += [Interest(member=viewer, topic=topics()[0].key) for viewer in viewers]
    Interest.objects.bulk_create(interests)
    for viewer in viewers:
        _tell_on_one_line(world, viewer)


def _post(author: Member, text: str, parent: Post | None) -> Post:
    root = (parent.root or parent) if parent else None
    return Post(
        author=author, text=text, html=text, in_reply_to=parent, root=root, state=Post.State.PUBLISHED
    )


def _tell_on_one_line(world: World, viewer: Member) -> None:
    """Add notifications of likes: the friend likes two posts, then all authors like the first, closed accounts last."""
    likes, groups = [], []
    authors = sorted(
        (scene for scene in world.scenes.values()), key=lambda scene: scene.state.account != "open"
    )
    for others in ([scene.author for scene in authors], []):
        post = _post(viewer, "Mine", None)
        post.save()
        group = NotificationGroup(
            member=viewer, kind=NotificationKind.LIKE, post=post, day=timezone.now().date()
        )
        groups.append(group)
        likes.append([(group, actor) for actor in (world.friend, *others)])
    NotificationGroup.objects.bulk_create(groups)
    (first, *rest), [second] = likes
    Notification.objects.bulk_create(
        Notification(group=group, member=viewer, kind=NotificationKind.LIKE, actor=actor, post=group.post)
        for group, actor in (first, second, *rest)
    )


# --- Without hidden content ----------------------------------------------------------------------------------------


def work_out(person: Person) -> None:
    """Compute now what jobs would compute later."""
    cache.clear()
    if person.viewer.is_author:
        # Authors may always read their own posts, so only the index decides whether search finds them.
        index_posts(ids=list(Post.objects.filter(author=person.member).values_list("pk", flat=True)))
    compute_trends()
    _suggest_anew(person)


def remove_hidden(world: World, person: Person, scenes: Iterable[Scene] | None = None) -> None:
    """Delete what this viewer may not see in these states, and recompute everything derived from it."""
    counts = cache.get(COUNTS_KEY)
    nobody = make_member("qnobodyq_stands_in", is_active=False)
    for scene in world.scenes.values() if scenes is None else scenes:
        viewer = person.viewer
        if viewer.is_author and person.member != scene.author:
            viewer = world.people["stranger"].viewer
        above = scene.post.in_reply_to
        if scene.state.answers_hidden and above is not None:
            _remove_posts([above.pk], nobody, person)
        if not may_read(scene.state, viewer):
            theirs = Post.objects.filter(author=scene.author).values_list("pk", flat=True)
            _remove_posts(list(theirs), nobody, person)
        if not may_know(scene.state, viewer) and person.member != scene.author:
            Member.objects.filter(pk=scene.author.pk).delete()
    Conversation.objects.annotate(n=Count("participations")).filter(n__lt=2).delete()
    NotificationGroup.objects.filter(notifications=None).delete()
    rebuild_database()
    cache.clear()
    if person.viewer.apart:
        # These are the same for everyone, so they also count members whom one viewer doesn't see because of a block.
        cache.set(COUNTS_KEY, counts)
    else:
        compute_trends()
    _suggest_anew(person)


def _suggest_anew(person: Person) -> None:
    Suggestion.objects.filter(member=person.member).delete()
    SuggestionRun.objects.filter(member=person.member).delete()
    if person.member is not None:
        compute_suggestions_for(member=person.member)


def _remove_posts(post_ids: list[int], nobody: Member, person: Person) -> None:
    """Delete posts. One that has replies, or that the viewer has reported, becomes an empty post of `nobody` instead,
    because its id may still be shown (truth.WHAT_STAYS).
    """
    answered = Post.objects.filter(in_reply_to__in=post_ids).values_list("in_reply_to_id", flat=True)
    reported = Report.objects.filter(reporter=person.member, post__in=post_ids).values_list(
        "post_id", flat=True
    )
    kept = {*answered, *reported}
    Post.objects.filter(pk__in=[pk for pk in post_ids if pk not in kept]).delete()
    for model in (Like, Bookmark, PostTag, Trend):
        model.objects.filter(post__in=kept).delete()
    for post in Post.objects.filter(pk__in=kept):
        post.notifications.all().delete()
        post.revisions.all().delete()
        post.mentions.all().delete()
    NotificationGroup.objects.filter(post__in=kept).delete()
    emptied = Post.objects.filter(pk__in=kept)
    emptied.update(text="", html="", likes_count=0, replies_count=0, bookmarks_count=0, state_reason="")
    # To whoever may know its author, a quote says that a post was deleted.
    known = Member.objects.visible_to(person.member)
    emptied.exclude(state=Post.State.DELETED, author__in=known).update(author=nobody)
