"""Check that the matrix fails when a guard is missing, by removing each guard in turn.

A guard is a place that checks who may see what: each part of the two rules (`posts.models.visible` and
`MemberQuerySet.visible_to`), and every read that uses them. GUARDS lists each with a route of the manifest where its
absence must show; a module that reads through `visible_to` and isn't listed fails `test_every_guard_is_listed`, unless
UNTOUCHED says why.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Block, Member
from posts.models import Mention, Post
from social.models import Follow
from tests.visibility.manifest import ROUTES, Kind
from tests.visibility.matrix import Matrix
from tests.visibility.test_owned import (
    test_objects_of_others_are_like_objects_that_never_existed as owned_by_others,
)
from tests.visibility.world import World, build_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
Patch = Callable[[pytest.MonkeyPatch], object]


# --- Ways to remove a guard ----------------------------------------------------------------------------------------


class Unguarded:
    """A model whose `visible_to` returns everything."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.objects = UnguardedManager(model.objects)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._model(*args, **kwargs)


class UnguardedManager:
    def __init__(self, manager: Any) -> None:
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)

    def visible_to(self, viewer: object) -> Any:
        return self._manager.all()


UNGUARDED: set[str] = {"feed.queries.suggestions.Member"}
"""The guards that GUARDS removes with `unguard`."""


def unguard(*names: str) -> Patch:
    """Make a module read a model without its guard: `unguard("search.scope.Post")`."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for name in names:
            module, _, model = name.rpartition(".")
            # Use sys.modules, because a package may export a function under the name of its module.
            import_module(module)
            there = sys.modules[module]
            monkeypatch.setattr(there, model, Unguarded(getattr(there, model)))

    UNGUARDED.update(names)
    return patch


def everywhere(old: Any, new: Any) -> Patch:
    """Replace `old` with `new` in every module of ours that imported it."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for module in list(sys.modules.values()):
            if str(getattr(module, "__file__", "")).startswith(str(ROOT)) and "tests" not in module.__name__:
                for name, value in list(vars(module).items()):
                    if value is old:
                        monkeypatch.setattr(module, name, new)

    return patch


def attribute(name: str, new: Any) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(name, new)


def visible(
    *,
    state: bool = True,
    active: bool = True,
    private: bool = True,
    followers: bool = True,
    mentioned: bool = True,
    apart: bool = True,
    gone: bool = True,
) -> Patch:
    """Replace the rule for posts with a copy that lacks some of its parts."""
    from accounts.models import blocked_either_way
    from posts.models import visible as whole

    def rule(viewer: Member | None) -> Q:
        published = Q(state=Post.State.PUBLISHED) if state else ~Q(state=Post.State.DELETED)
        if active:
            published &= Q(author__is_active=True)
        let_in = Q(Exists(Follow.objects.filter(follower=viewer, followee=OuterRef("author_id"))))
        named = Q(Exists(Mention.objects.filter(member=viewer, post=OuterRef("pk"))))
        if viewer is None:
            let_in = named = Q(pk=0)
        if private:
            published &= Q(author__is_private=False) | let_in | Q(visibility="mentioned")
        if followers:
            published &= ~Q(visibility="followers") | let_in
        if mentioned:
            published &= ~Q(visibility="mentioned") | named
        if viewer is None:
            return published
        if apart:
            published &= ~Q(author__in=blocked_either_way(viewer))
        return published | (Q(author=viewer) & ~Q(state=Post.State.DELETED) if gone else Q(author=viewer))

    return everywhere(whole, rule)


def unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `listed` list everything."""
    monkeypatch.setattr("posts.models.PostQuerySet.listed", lambda self: self)


def known(*, active: bool = True, apart: bool = True) -> Patch:
    """Replace the rule for members with a copy that lacks some of its parts."""
    from accounts.models import MemberQuerySet, blocked_either_way

    def visible_to(self: Any, viewer: Member | None) -> Any:
        shown = self.filter(is_active=True) if active else self.all()
        return shown.exclude(pk__in=blocked_either_way(viewer)) if viewer is not None and apart else shown

    return lambda monkeypatch: monkeypatch.setattr(MemberQuerySet, "visible_to", visible_to)


def blocked_one_way(way: str) -> Patch:
    from accounts.models import blocked_either_way

    def one_way(viewer: Member | None) -> Any:
        other = {"blocker": "blocked_id", "blocked": "blocker_id"}[way]
        rows = Block.objects.filter(**{way: viewer}).values_list(other, flat=True)
        return rows if viewer is not None else rows.none()

    return everywhere(blocked_either_way, one_way)


def likes_of_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show everyone the tab with likes as its owner sees it."""
    from feed.urls import urlpatterns

    pattern = next(pattern for pattern in urlpatterns if pattern.name == "likes")
    view = pattern.callback

    def for_anybody(request: Any, username: str) -> Any:
        request.user = Member.objects.get(username=username)
        return view(request, username)

    monkeypatch.setattr(pattern, "callback", for_anybody)


def no_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    from social.queries.follows import can_see_follows

    everywhere(can_see_follows, lambda member, *, viewer: True)(monkeypatch)


def no_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    from moderation.queries import moderators_only

    everywhere(moderators_only, lambda viewer: viewer)(monkeypatch)


def suggested_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show stale suggestions, without a guard."""
    unguard("feed.queries.suggestions.Member")(monkeypatch)
    monkeypatch.setattr("feed.actions.suggestions.compute_suggestions_for", lambda *, member: None)


def of_anybody(name: str) -> Patch:
    """Make `visible_to` return objects of every member."""
    return lambda monkeypatch: monkeypatch.setattr(f"{name}.visible_to", lambda self, viewer: self.all())


def trends_anew() -> None:
    from feed.actions.trends import compute_trends

    compute_trends()


# --- Guards --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guard:
    name: str
    patch: Patch
    at: str
    """The path of the route where its absence must show."""
    viewers: tuple[str, ...] = ("stranger",)
    states: tuple[str, ...] = ("held", "closed", "made private")
    then: Callable[[], object] = lambda: None


CARD, PROFILE = "posts/<id:post_id>/card", "@<str:username>"
THREAD = "@<str:username>/<id:post_id>"
BLOCKED, GUESTS = ("blocked",), ("anonymous",)


GUARDS = [
    Guard("a post's state", visible(state=False), CARD),
    Guard("a post's author's account", visible(active=False), CARD),
    Guard("a post of a private account", visible(private=False), CARD),
    Guard("a post of a private account, for visitors", visible(private=False), CARD, GUESTS),
    Guard("a post for followers", visible(followers=False), CARD, states=("followers only",)),
    Guard("a post for followers, for visitors", visible(followers=False), CARD, GUESTS, ("followers only",)),
    Guard("a post for mentioned members", visible(mentioned=False), CARD, states=("mentioned only",)),
    Guard("an unlisted post", unlisted, "api/latest", states=("unlisted",)),
    Guard("a post of whom a block parts", visible(apart=False), CARD, ("blocked", "blocker"), ("public",)),
    Guard("what its author deleted", visible(gone=False), CARD, ("author",), ("deleted",)),
    Guard("people whose account is closed", known(active=False), PROFILE),
    Guard("people whom a block parts", known(apart=False), "@<str:username>/followers", BLOCKED, ("public",)),
    Guard("a block by the other", blocked_one_way("blocker"), CARD, BLOCKED, ("public",)),
    Guard("a block of one's own", blocked_one_way("blocked"), CARD, ("blocker",), ("public",)),
    Guard("one post", unguard("posts.queries.posts.Post"), CARD),
    Guard("one post, by the API", unguard("posts.queries.posts.Post"), "api/posts/<id:post_id>"),
    Guard("bookmarks", unguard("posts.queries.bookmarks.Post"), "bookmarks"),
    Guard(
        "replies in a thread", attribute("posts.queries.threads.visible", lambda viewer: Q(pk__gt=0)), THREAD
    ),
    Guard("whether a tag is used", unguard("posts.queries.tags.Post"), "tags/<str:name>"),
    Guard("replies by the API", unguard("posts.api.Post"), "api/posts/<id:post_id>/comments"),
    Guard("who likes a post", unguard("posts.api.Member"), "api/posts/<id:post_id>/likes"),
    Guard(
        "who has reposted a post", unguard("posts.queries.reposts.Repost"), "api/posts/<id:post_id>/reposts"
    ),
    Guard("who quotes a post", unguard("posts.queries.quotes.Post"), "api/posts/<id:post_id>/quotes"),
    Guard(
        "what a quote shows",
        attribute("posts.quoting.visible", lambda viewer: Q(pk__gt=0)),
        "api/posts/<id:post_id>",
    ),
    Guard("the stream of a post", unguard("posts.consumers.Post"), "live/since"),
    Guard(
        "the stream of a member",
        attribute(
            "notifications.consumers.MemberStream.catch_up",
            lambda self, viewer, keys, after: {key: [] for key in keys},
        ),
        "live/since",
    ),
    Guard("a person's page", unguard("accounts.queries.Member"), PROFILE),
    Guard("a person, by the API", unguard("accounts.queries.Member"), "api/users/<id:user_id>"),
    Guard("followers", unguard("social.queries.follows.Member"), "@<str:username>/followers"),
    Guard("following", unguard("social.queries.follows.Member"), "api/users/<id:user_id>/following"),
    Guard("the circle of a private account", no_wall, "@<str:username>/followers"),
    Guard("the circle of a private account, by the API", no_wall, "api/users/<id:user_id>/following"),
    Guard("people on a list", unguard("social.queries.lists.Member"), "api/lists/<id:list_id>/members"),
    Guard(
        "requests that one made",
        unguard("social.queries.requests.Member"),
        "api/follow-requests",
        ("pending",),
    ),
    Guard("people whom one mutes", unguard("social.queries.mutes.Member"), "api/mutes", ("muter",)),
    Guard("the latest posts", unguard("feed.queries.explore.Post"), "api/latest"),
    Guard("a tag", unguard("feed.queries.explore.Post"), "tags/<str:name>"),
    Guard("people to explore", unguard("feed.queries.explore.Member"), "explore"),
    Guard("trending posts", unguard("feed.queries.trending.Post"), "api/trends/posts"),
    Guard("trending tags", unguard("feed.actions.trends.Post"), "api/trends", then=trends_anew),
    Guard("the replies of a profile", unguard("feed.queries.profile.Post"), "api/users/<id:user_id>/replies"),
    Guard("likes", unguard("feed.queries.profile.Post"), "@<str:username>/likes"),
    Guard("whose likes", likes_of_anybody, "@<str:username>/likes"),
    Guard("home", visible(apart=False), "api/timeline", BLOCKED, ("public",)),
    Guard(
        "the feed of a list", unguard("feed.queries.chronological.Post"), "api/lists/<id:list_id>/timeline"
    ),
    Guard("for you", unguard("feed.queries.for_you.Post", "feed.ranking.candidates.Post"), "api/feed"),
    Guard("found posts", unguard("search.scope.Post"), "api/search/posts"),
    Guard("found people", unguard("search.scope.Member"), "api/search/users"),
    Guard("whom a composer completes", unguard("search.completion.Member"), "api/autocomplete"),
    Guard(
        "hashtags that a composer completes",
        unguard("search.completion.Post"),
        "api/autocomplete",
        BLOCKED,
        ("public",),
    ),
    Guard("what notifications are about", unguard("notifications.models.Post"), "api/notifications"),
    Guard("by whom notifications are", unguard("notifications.models.Member"), "api/notifications"),
    Guard("conversations", unguard("messaging.models.Member"), "api/conversations"),
    Guard("what may be reported", unguard("moderation.queries.reports.Post"), "posts/<id:post_id>/report"),
    Guard("what one reported", unguard("moderation.queries.reports.Post"), "reports"),
    Guard("who moderates", no_badge, "moderation"),
    Guard("who is suggested", suggested_before, "api/suggestions"),
    Guard(
        "whose suggestion is dismissed",
        # The view and the action both ask, and answer alike.
        unguard("accounts.queries.Member", "social.actions.dismissals.Member"),
        "suggestions/<id:user_id>/dismiss",
    ),
]

OF_ONE_MEMBER = [
    ("notifications.models.NotificationQuerySet", "notifications/<id:notification_id>/read"),
    ("messaging.models.ConversationQuerySet", "messages/<id:conversation_id>"),
    ("social.models.ListQuerySet", "lists/<id:list_id>"),
    ("posts.models.DraftQuerySet", "api/drafts/<id:draft_id>"),
    ("media.models.AttachmentQuerySet", "api/media/<id:media_id>"),
    ("media.models.UploadQuerySet", "api/media/uploads/<id:upload_id>"),
]
"""Models that belong to one member: (the queryset with `visible_to`, the route where others would see them)."""

UNTOUCHED = {
    "feed.ranking.candidates.Member": "chooses whose likes recommend; what is shown asks feed.ranking.candidates.Post",
    "feed.ranking.training.Repost": "counts public reposts as visitors would; shows nothing",
    "feed.ranking.facts.Post": "shows nothing; that it tells nothing either, test_equality.py says",
    "feed.queries.timeline.Post": "chooses ids that feed.queries.chronological reads again",
    "feed.queries.about.Member": "numbers, and who runs the place",
    "feed.queries.about.Post": "numbers",
    "media.queries.Attachment": "its visible_to is taken out itself",
    "media.tus.Upload": "its visible_to is taken out itself",
    "moderation.queries.rules.Post": "moderators try rules on public posts",
    "moderation.queries.trends.Post": "moderators see which posts are behind a hashtag",
    "notifications.queries.Notification": "its visible_to is taken out itself",
    "notifications.queries.NotificationGroup": "a place in the list; what is on it asks Notification.visible_to",
    "notifications.models.Notification": "its visible_to is taken out itself",
    "messaging.queries.Conversation": "its visible_to is taken out itself",
    "messaging.queries.Message": "asks Conversation.visible_to, which was asked before",
    "messaging.models.Conversation": "its visible_to is taken out itself",
    "posts.queries.links.Post": "cards of links to posts; tests/visibility/test_link_cards.py",
    "posts.queries.links.Member": "cards of links to profiles; tests/visibility/test_link_cards.py",
    "posts.queries.threads.Post": "replies to replies, which no route here shows; tests/posts/test_queries.py does",
    "social.queries.lists.List": "its visible_to is taken out itself",
    "posts.queries.drafts.Draft": "its visible_to is taken out itself",
    "posts.queries.drafts.Post": "names whom a draft replies to; that it hides, tests/posts/test_draft_pages.py says",
    "social.queries.known.Member": "names people whom the viewer follows; nobody follows whom a block parts",
    "feed.queries.profile.Repost": "whose reposts show, tests/feed/test_reposts.py says; the posts are asked for",
    "feed.queries.profile.Member": "decides which names in a bio are links",
    "social.api.blocks.Member": "takes the id of whom one blocks; shows nothing",
    "social.api.lists.Member": "puts somebody on one's own list, whom social.actions.lists asks for again",
}
"""Reads through `visible_to` that aren't tested as guards, and why."""


def test_the_matrix_notices_each_missing_guard(record_property: Callable[[str, Any], None]) -> None:
    world = build_world()
    # To debug: KITH_GUARD=moderates
    only = os.environ.get("KITH_GUARD", "")
    found = {guard.name: len(_leaks_without(guard, world)) for guard in GUARDS if only in guard.name}
    with transaction.atomic():
        for name, path in OF_ONE_MEMBER:
            found[name] = _shown_to_others(name, path)
        transaction.set_rollback(True)
    noticed = sum(bool(leaks) for leaks in found.values())
    record_property("visibility mutations", f"mutations: {len(found)} guards taken out, {noticed} noticed")
    assert noticed == len(found), f"nobody misses {[name for name, leaks in found.items() if not leaks]}"


def _leaks_without(guard: Guard, world: World) -> list[Any]:
    routes = [row for row in ROUTES if row.path == guard.at]
    assert routes, f"{guard.at} is not in the manifest"
    matrix = Matrix(world, routes, viewers=set(guard.viewers), states=set(guard.states), is_slice=True)
    cache.clear()
    with pytest.MonkeyPatch.context() as monkeypatch, transaction.atomic():
        guard.patch(monkeypatch)
        guard.then()
        matrix.look()
        transaction.set_rollback(True)
    if os.environ.get("KITH_GUARD"):
        print(guard.name, matrix.cells, matrix.requests, *matrix.findings[:5], sep="\n")
    return matrix.leaks


def _shown_to_others(name: str, path: str) -> int:
    route = next(row for row in ROUTES if row.path == path and row.kind is Kind.OWNED)
    with pytest.MonkeyPatch.context() as monkeypatch, transaction.atomic():
        of_anybody(name)(monkeypatch)
        try:
            owned_by_others(route, None)
        except AssertionError:
            return 1
        finally:
            transaction.set_rollback(True)
    return 0


READS = re.compile(r"\b([A-Z]\w+)\.objects\.visible_to\(")
ROOMS = ("queries", "views", "api", "consumers", "models", "ranking", "reader")
APPS = ("accounts", "feed", "media", "messaging", "moderation", "notifications", "posts", "search", "social")


def test_every_guard_is_listed() -> None:
    """Every read through `visible_to` in modules that show content is in GUARDS or in UNTOUCHED."""
    reads = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if any(room in module.split(".") for room in ROOMS):
                reads |= {f"{module}.{model}" for model in READS.findall(path.read_text())}
    missing = sorted(reads - UNGUARDED - set(UNTOUCHED))
    assert not missing, f"not in GUARDS nor UNTOUCHED: {missing}"
