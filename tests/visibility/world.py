"""Create a community with an author for every state of truth.STATES and every viewer of truth.VIEWERS.

It is as hostile as possible: before a post is hidden, everyone likes, bookmarks, reports and replies to it, gets
notifications and messages about it, and it is indexed, trending and on lists; and none of these read models is updated
when it is hidden. Read models may be stale, permissions may not.

Content that may be hidden contains marks that are easy to find in any response: `qpost…q` is the text of a post,
`qpast…q` its text before an edit, `qauthor…q` the author's username and name, `qmessage…q` a message, `qtag…q` a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import Block, Member
from core.ids import new_id
from feed.actions.trends import compute_trends
from feed.models import Suggestion, SuggestionRun, Trend
from messaging.models import Conversation, Message, Participation
from moderation.models import Case, Report
from notifications.models import Notification, NotificationGroup, NotificationKind
from posts.actions import delete_post, edit_post, hold_post, remove_post
from posts.models import Bookmark, Like, Mention, Post, Repost, Tag, TagFollow
from search.actions import rebuild_database
from social.actions import follow_member
from social.models import Follow, FollowRequest, List, ListEntry, Mute
from tests.factories import make_member, make_post
from tests.visibility.truth import STATES, VIEWERS, State, Viewer

COMMON = "quagga"
"""A word in every post and every author's name, so that one search finds them all."""
MARK = re.compile(r"q(post|past|author|message|tag|trend|why)([a-z]+)q")
BACKEND = "django.contrib.auth.backends.ModelBackend"


class QuickClient(Client):
    """Django's test client, but it records no templates and stores no cookies from responses, so each request is the
    first after signing in.
    """

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))  # type: ignore[attr-defined]


@dataclass
class Scene:
    """One state with its author and posts. All of `posts` are in the state."""

    state: State
    author: Member
    post: Post
    """Liked, bookmarked, reported and replied to by everyone who could see it."""
    fresh: Post
    """A reply to the friend's post that nobody likes, because liked posts aren't recommended."""
    child: Post
    """The friend's reply to `post`, which quotes it too. Public even if `post` is hidden."""
    conversations: dict[str, int] = field(default_factory=dict)
    """The author's conversation with each viewer."""
    messages: dict[str, int] = field(default_factory=dict)
    """The author's message in it."""
    told: dict[str, dict[str, int]] = field(default_factory=dict)
    """Notification ids: viewer → kind → id."""

    @property
    def posts(self) -> list[Post]:
        return [self.post, self.fresh]


@dataclass
class Person:
    """A viewer with a client, signed in unless they are a visitor."""

    viewer: Viewer
    member: Member | None
    client: Client
    headers: dict[str, str] = field(default_factory=dict)
    list_id: int = 0


@dataclass
class World:
    scenes: dict[str, Scene] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    authors: dict[str, Person] = field(default_factory=dict)
    """The author of each state, with a client."""
    friend: Member = field(init=False)
    parent: Post = field(init=False)
    """The friend's post, which every author liked and replied to."""
    ids: dict[str, tuple[str, Scene]] = field(default_factory=dict)
    """What each id in a response belongs to: ("post" or "author", scene)."""

    def viewers(self) -> Iterator[Person]:
        yield from self.people.values()

    def at_the_door(self, viewer: Viewer, scene: Scene) -> Person:
        return self.authors[scene.state.name] if viewer.is_author else self.people[viewer.name]


def build_world(states: list[State] | None = None) -> World:
    world = World()
    world.friend = make_member("friend", display_name="Friend")
    world.parent = make_post(world.friend, "What does everybody think?")
    for state in states or STATES:
        world.scenes[state.name] = _scene(world, state)
    for viewer in VIEWERS:
        if not viewer.is_author:
            world.people[viewer.name] = _person(viewer)
    for scene in world.scenes.values():
        author = VIEWERS[[v.is_author for v in VIEWERS].index(True)]
        world.authors[scene.state.name] = Person(author, scene.author, signed_in(scene.author))
    _meet(world)
    _touch(world)
    _tell(world)
    _talk(world)
    rebuild_database()
    for scene in world.scenes.values():
        hide(scene)
    _part(world)
    _trend(world)
    _count()
    for scene in world.scenes.values():
        world.ids |= {str(post.pk): ("post", scene) for post in scene.posts}
        world.ids[str(scene.author.pk)] = ("author", scene)
    # Thousands of requests follow, and the planner's statistics are from other tests.
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A small sample suffices, and a large one is slow because of rows that other tests rolled back.
            cursor.execute("SET LOCAL default_statistics_target = 10")
        # By name: the tables that all databases share would make the workers of a test run wait for each other.
        tables = connection.introspection.django_table_names(only_existing=True)
        names = [connection.ops.quote_name(table) for table in tables]
        for name in names if connection.vendor == "sqlite" else [", ".join(names)]:
            cursor.execute(f"ANALYZE {name}")
    return world


# --- Members and posts ---------------------------------------------------------------------------------------------


def _scene(world: World, state: State) -> Scene:
    slug = state.slug
    handle = f"qauthor{slug}q"
    author = make_member(
        handle, display_name=f"{COMMON} {handle}", bio=f"{COMMON} {handle}", is_private=state.private
    )
    follow_member(member=world.friend, by=author)
    Follow.objects.create(follower=world.friend, followee=author)
    text = f"{COMMON} qpost{slug}q #qtag{slug}q #{COMMON} #qtrend{slug}q @mentioned @friend"
    above = None
    if state.answers_hidden:
        above = make_post(make_member(f"qauthorabove{slug}q"), f"qpostabove{slug}q")
    post = make_post(
        author,
        text.replace("qpost", "qpast"),
        in_reply_to=above,
        visibility=state.visibility,
        published=state.post != "waiting",
    )
    if state.post != "waiting":
        edit_post(post=post, by=author, text=text)
    else:
        Post.objects.filter(pk=post.pk).update(text=text, html=f"<p>{text}</p>")
    if above is not None:
        hold_post(post=above, reason=f"qwhyabove{slug}q")
    fresh = make_post(
        author,
        f"{text} again",
        in_reply_to=world.parent,
        quote_of=world.parent.pk,
        visibility=state.visibility,
        published=state.post != "waiting",
    )
    post.refresh_from_db()
    child = _answer(post, world.friend)
    return Scene(state, author, post, fresh, child)


def _answer(post: Post, by: Member) -> Post:
    """Create a public reply that also quotes the post, even if that is pending, as if it was sent back to review
    afterwards.
    """
    answer = Post.objects.create(
        author=by, text="An answer", html="<p>An answer</p>", in_reply_to=post, root=post, quote_of=post,
        # A quote of an unlisted post is unlisted, too, and there is none of a post for mentioned members; this answer
        # is public, so it must not show them in lists.
        is_quote=post.visibility in (Post.Visibility.PUBLIC, Post.Visibility.FOLLOWERS),
        state=Post.State.PUBLISHED, published_at=timezone.now(),
    )  # fmt: skip
    Post.objects.filter(pk=post.pk).update(replies_count=1)
    return answer


def _person(viewer: Viewer) -> Person:
    if viewer.name == "anonymous":
        return Person(viewer, None, QuickClient())
    member = make_member(viewer.name, is_moderator=viewer.moderates, is_staff=viewer.name == "staff")
    if viewer.by_token:
        return Person(viewer, member, QuickClient(), {"Authorization": f"Bearer {_token(member)}"})
    person = Person(viewer, member, signed_in(member))
    if viewer.name == "unconfirmed":
        from allauth.account.models import EmailAddress

        EmailAddress.objects.create(user=member, email=member.email or "", verified=False, primary=True)
    return person


def signed_in(member: Member) -> Client:
    client = QuickClient()
    client.force_login(member, backend=BACKEND)
    return client


def _token(member: Member) -> str:
    """Return an access token by signing in as an app does."""
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        {"username": member.username, "password": "correct horse"},
        content_type="application/json",
    )
    return str(answer.json()["meta"]["access_token"])


def _members(world: World) -> list[tuple[Viewer, Member]]:
    return [(p.viewer, p.member) for p in world.people.values() if p.member is not None]


# --- Before ----------------------------------------------------------------------------------------------------------


def _meet(world: World) -> None:
    """Create the relations of each viewer to every author: follows, follow requests, mutes and lists."""
    follows, requests, mutes, lists, entries, named = [], [], [], [], [], []
    for viewer, member in _members(world):
        mine = List(owner=member, title="People")
        lists.append(mine)
        world.people[viewer.name].list_id = mine.pk
        for scene in world.scenes.values():
            author = scene.author
            entries.append(ListEntry(list=mine, member=author))
            if viewer.follows or viewer.apart or viewer.name == "suspended":
                follows.append(Follow(follower=member, followee=author))
            if viewer.name == "mutual":
                follows.append(Follow(follower=author, followee=member))
            if viewer.name == "pending":
                requests.append(FollowRequest(requester=member, member=author))
            if viewer.named:
                named += [Mention(post=post, member=member) for post in scene.posts]
            if viewer.name == "muter":
                mutes.append(Mute(muter=member, muted=author))
            if viewer.name == "muted":
                mutes.append(Mute(muter=author, muted=member))
        follows.append(Follow(follower=member, followee=world.friend))
    Follow.objects.bulk_create(follows)
    _suggest(world)
    FollowRequest.objects.bulk_create(requests)
    Mute.objects.bulk_create(mutes)
    Mention.objects.bulk_create(named)
    List.objects.bulk_create(lists)
    ListEntry.objects.bulk_create(entries)
    tag = Tag.objects.get(name=COMMON)
    TagFollow.objects.bulk_create(TagFollow(member=member, tag=tag) for _, member in _members(world))


def _suggest(world: World) -> None:
    """Suggest every author to every viewer, as if just computed."""
    now = timezone.now()
    members = _members(world)
    SuggestionRun.objects.bulk_create(SuggestionRun(member=member, computed_at=now) for _, member in members)
    Suggestion.objects.bulk_create(
        Suggestion(
            member=member,
            suggested=scene.author,
            reason=Suggestion.Reason.POPULAR,
            score=1.0,
            computed_at=now,
        )
        for _, member in members
        for scene in world.scenes.values()
    )


def _touch(world: World) -> None:
    """Make everyone who could see the post like, bookmark and report it. The authors like and repost the friend's post,
    and the friend, whom everyone follows, reposts what could be."""
    likes, bookmarks, reports, cases, reposts = [], [], [], [], []
    for scene in world.scenes.values():
        likes.append(Like(post=world.parent, member=scene.author))
        reposts.append(Repost(post=world.parent, member=scene.author))
        if scene.state.once_public and scene.state.visibility == "public":
            reposts.append(Repost(post=scene.post, member=world.friend))
        cases.append(Case(post=scene.post, reason=Case.Reason.REPORTED, reports_count=1))
        for viewer, member in _members(world):
            if scene.state.once_public or viewer.follows:
                likes.append(Like(post=scene.post, member=member))
                bookmarks += [Bookmark(post=post, member=member) for post in scene.posts]
                reports.append(Report(post=scene.post, reporter=member, rule="other", comment="Look"))
    Like.objects.bulk_create(likes)
    Repost.objects.bulk_create(reposts)
    Bookmark.objects.bulk_create(bookmarks)
    Case.objects.bulk_create(cases)
    Report.objects.bulk_create(reports)


def _tell(world: World) -> None:
    """Give each viewer four notifications of every author, on different days so that they aren't grouped."""
    groups, told = [], []
    today = timezone.now().date()
    for viewer, member in _members(world):
        own = Post.objects.create(author=member, text="Mine", html="<p>Mine</p>", state=Post.State.PUBLISHED)
        for day, scene in enumerate(world.scenes.values()):
            scene.told[viewer.name] = {}
            for kind, post in (
                (NotificationKind.LIKE, own),
                (NotificationKind.FOLLOW, None),
                (NotificationKind.MENTION, scene.post),
                (NotificationKind.REPLY, scene.fresh),
            ):
                news = Notification(member=member, kind=kind, actor=scene.author, post=post)
                group = NotificationGroup(
                    member=member, kind=kind, post=post, day=today - timedelta(days=day)
                )
                news.group = group
                groups.append(group)
                told.append(news)
                scene.told[viewer.name][kind.value] = news.id
    NotificationGroup.objects.bulk_create(groups)
    Notification.objects.bulk_create(told)


def _talk(world: World) -> None:
    conversations, sides, messages = [], [], []
    for viewer, member in _members(world):
        for scene in world.scenes.values():
            author, text = scene.author, f"qmessage{scene.state.slug}q"
            conversation = Conversation(pair=Conversation.pair_of(author, member))
            message = Message(conversation=conversation, author=author, text=text, html=f"<p>{text}</p>")
            conversations.append(conversation)
            messages.append(message)
            scene.conversations[viewer.name] = conversation.id
            scene.messages[viewer.name] = message.id
            sides += [
                Participation(conversation=conversation, member=member, latest=message.id, unread=1),
                Participation(conversation=conversation, member=author, latest=message.id),
            ]
    Conversation.objects.bulk_create(conversations)
    Message.objects.bulk_create(messages)
    for message in messages:
        message.conversation.last_message = message
    Conversation.objects.bulk_update(conversations, ["last_message"])
    Participation.objects.bulk_create(sides)


# --- After -----------------------------------------------------------------------------------------------------------


def hide(scene: Scene) -> None:
    """Bring the scene into its state without updating the index, trends or notifications."""
    state, author = scene.state, scene.author
    reason = f"qwhy{state.slug}q"
    for post in scene.posts:
        match state.post:
            case "held":
                hold_post(post=post, reason=reason)
            case "removed":
                remove_post(post=post, reason=reason)
            case "deleted":
                delete_post(post=post, by=author)
    rows = Member.objects.filter(pk=author.pk)
    match state.account:
        case "closed":
            rows.update(is_active=False)
        case "leaving":
            rows.update(is_active=False, deletion_requested_at=timezone.now())
    rows.update(is_private=state.private)


def _part(world: World) -> None:
    """Create the blocks, and close the account of the suspended viewer."""
    blocks = []
    blocked, blocker = world.people["blocked"].member, world.people["blocker"].member
    assert blocked is not None
    assert blocker is not None
    for scene in world.scenes.values():
        blocks.append(Block(blocker=scene.author, blocked=blocked))
        blocks.append(Block(blocker=blocker, blocked=scene.author))
    Block.objects.bulk_create(blocks)
    suspended = world.people["suspended"].member
    assert suspended is not None
    Member.objects.filter(pk=suspended.pk).update(is_active=False)


def _trend(world: World) -> None:
    """Recompute trending tags: two others use each author's tag, one too few if the author's post doesn't count.

    Trending posts stay as they were, with hidden ones first.
    """
    pair = [make_member("one"), make_member("two")]
    for scene in world.scenes.values():
        for member in pair:
            make_post(member, f"I heard of it #qtrend{scene.state.slug}q")
    compute_trends()
    Trend.objects.filter(kind=Trend.Kind.POST).delete()
    scenes = sorted(world.scenes.values(), key=lambda scene: scene.state.name == "public")
    Trend.objects.bulk_create(
        Trend(
            kind=Trend.Kind.POST, rank=rank, post=scene.post, count=9, score=9.0, computed_at=timezone.now()
        )
        for rank, scene in enumerate(scenes, 1)
    )


def _count() -> None:
    """Increase the counters as if more had been counted, so that none becomes negative."""
    for name in ("likes_count", "bookmarks_count", "replies_count", "reposts_count", "quotes_count"):
        Post.objects.update(**{name: F(name) + 40})
    for name in ("followers_count", "following_count"):
        Member.objects.get_queryset().update(**{name: F(name) + 40})


NEVER_NAME = "qnobodyq"


def never() -> int:
    """Return the id of an object that never existed."""
    return new_id()
