"""Keeping the index: the database's at once, the search server's soon after and surely."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db import transaction

from accounts.models import Member
from core.ids import new_id
from posts.models import Post
from search.engines import database_engine, search_server
from search.engines.base import EngineDown, MemberRow, PostRow
from search.models import MemberDocument, Pending, PostDocument, Renewal, Word
from search.words import ANALYSIS, is_spelled, words_of_handle, words_of_name, words_of_post
from social.models import Follow

log = logging.getLogger("kith.search")

CHUNK = 1000
PUSH_CHUNK = 500
RENEWED = 200
"""How many are made anew in one transaction, beside a site that is in use."""
Progress = Callable[[str, int, int], None]
"""Told (what, done, of how many)."""
Rows = Callable[[Sequence[int]], dict[int, PostRow] | dict[int, MemberRow]]


def index_posts(*, ids: Sequence[int]) -> None:
    """Let these posts be found by what they say now, or not at all when they are not published."""
    with transaction.atomic():
        _hold(Post, ids)
        rows = post_rows(ids)
        gone = [post_id for post_id in ids if post_id not in rows]
        engine = database_engine()
        if rows:
            engine.index_posts(list(rows.values()))
            engine.learn(_used(list(rows.values())))
        if gone:
            engine.remove_posts(gone)
        _note(Pending.Kind.POST, ids)


def index_members(*, ids: Sequence[int]) -> None:
    """Let these members be found by what they call themselves now."""
    with transaction.atomic():
        _hold(Member, ids)
        rows = member_rows(ids)
        gone = [member_id for member_id in ids if member_id not in rows]
        engine = database_engine()
        if rows:
            engine.index_members(list(rows.values()))
            engine.learn(_used(list(rows.values())))
        if gone:
            engine.remove_members(gone)
        _note(Pending.Kind.MEMBER, ids)


def renew_index(*, kind: Renewal.Kind) -> bool:
    """Index the next `RENEWED` posts or members as search.words does now, if they were indexed by an earlier version.

    Returns whether there is more to do. Safe at any time and many times at once: one runs, and a killed one is gone on
    with. The search server is told as of every change.
    """
    with transaction.atomic():
        Renewal.objects.get_or_create(kind=kind, defaults={"analysis": 0})
        state = Renewal.objects.select_for_update().get(kind=kind)
        if state.analysis == ANALYSIS:
            return False
        posts = kind == Renewal.Kind.POSTS
        found = Post.objects.filter(state=Post.State.PUBLISHED) if posts else Member.objects.all()
        ids = list(found.filter(pk__gt=state.after).order_by("pk").values_list("pk", flat=True)[:RENEWED])
        index = index_posts if posts else index_members
        if ids:
            index(ids=ids)
        if len(ids) < RENEWED:
            state.analysis, state.after = ANALYSIS, 0
        else:
            state.after = ids[-1]
        state.save()
    return state.analysis != ANALYSIS


def note_renewed(*, kinds: Iterable[Renewal.Kind]) -> None:
    """Remember that these halves of the index have been made as a whole by the present analysis."""
    for kind in kinds:
        Renewal.objects.update_or_create(kind=kind, defaults={"analysis": ANALYSIS, "after": 0})


def forget_posts(*, ids: Sequence[int]) -> None:
    """Let these posts be found no more, whatever they say."""
    with transaction.atomic():
        database_engine().remove_posts(ids)
        _note(Pending.Kind.POST, ids)


def forget_member(*, member_id: int) -> None:
    with transaction.atomic():
        database_engine().remove_members([member_id])
        _note(Pending.Kind.MEMBER, [member_id])


def forget_unused_words(*, after: str = "") -> str:
    """Forget, of the next `CHUNK` words after `after`, those that no post and no member uses any more.

    Returns the word to go on from, "" when all have been looked at.
    """
    words = list(Word.objects.filter(word__gt=after).order_by("word").values_list("word", flat=True)[:CHUNK])
    with transaction.atomic():
        Word.objects.filter(pk__in=database_engine().unused(words)).delete()
    return words[-1] if len(words) == CHUNK else ""


def rename_author(*, member_id: int, after_id: int = 0) -> int:
    """Let a member's posts be found by their new name: the next `CHUNK` of them after `after_id`.

    Returns the id to go on from, 0 when all are done. Nothing is written where the name is in the index already.
    """
    with transaction.atomic():
        member = Member.objects.filter(pk=member_id).first()
        if member is None:
            return 0
        stale = list(
            PostDocument.objects.filter(post__author_id=member_id, post_id__gt=after_id)
            .exclude(author_words=_author_words(member.username, member.display_name))
            .order_by("post_id")
            .values_list("post_id", flat=True)[:CHUNK]
        )
        if stale:
            index_posts(ids=stale)
    return stale[-1] if len(stale) == CHUNK else 0


def note_followers(*, member_id: int) -> None:
    """Let the search server know the number of followers; the database looks at the member itself."""
    with transaction.atomic():
        _note(Pending.Kind.MEMBER, [member_id])


def note_followed(*, member_id: int, after_id: int = 0) -> int:
    """`note_followers` for those whom the member follows: the next `CHUNK` of them after `after_id`.

    Returns the id to go on from, 0 when all are noted, or when there is no search server to be told.
    """
    if search_server() is None:
        return 0
    followed = Follow.objects.filter(follower=member_id, followee__gt=after_id).order_by("followee")
    ids = list(followed.values_list("followee_id", flat=True)[:CHUNK])
    with transaction.atomic():
        _note(Pending.Kind.MEMBER, ids)
    return ids[-1] if len(ids) == CHUNK else 0


def push_pending(*, limit: int = 20_000) -> int:
    """Tell the search server of what has changed. Returns how much it was told.

    Safe to run at any time and many times at once: the rows stay until the server has answered, and a version keeps
    what is older from overwriting what is newer.
    """
    server = search_server()
    if server is None:
        return 0
    told = 0
    while told < limit:
        waiting = list(Pending.objects.order_by("version")[:PUSH_CHUNK])
        if not waiting:
            break
        for kind, rows_of in ((Pending.Kind.POST, post_rows), (Pending.Kind.MEMBER, member_rows)):
            versions = {row.object_id: row.version for row in waiting if row.kind == kind}
            if not versions:
                continue
            try:
                server.tell(f"{kind.value}s", rows_of(list(versions)), versions)
            except EngineDown:
                return told
            # Whatever changed meanwhile has another version, and stays.
            Pending.objects.filter(kind=kind, version__in=list(versions.values())).delete()
            told += len(versions)
    return told


def rebuild_database(*, posts: bool = True, members: bool = True, progress: Progress | None = None) -> None:
    """Make the database's index anew from what is true, in steps, while it goes on answering."""
    engine = database_engine()
    words: set[str] = set()
    if members:
        for ids in _chunks("members", _all_members(), progress):
            with transaction.atomic():
                _hold(Member, ids)
                people = list(member_rows(ids).values())
                engine.index_members(people)
                engine.learn(_used(people) - words)
            words |= _used(people)
        stale = MemberDocument.objects.exclude(pk__in=Member.objects.values("pk"))
        for ids in _chunks("stale", list(stale.values_list("pk", flat=True)), None):
            engine.remove_members(ids)
    if posts:
        for ids in _chunks("posts", _all_posts(), progress):
            with transaction.atomic():
                _hold(Post, ids)
                rows = list(post_rows(ids).values())
                engine.index_posts(rows)
                engine.learn(_used(rows) - words)
            words |= _used(rows)
        published = Post.objects.filter(state=Post.State.PUBLISHED)
        hidden = PostDocument.objects.exclude(pk__in=published.values("pk"))
        for ids in _chunks("hidden", list(hidden.values_list("pk", flat=True)), None):
            engine.remove_posts(ids)
    if posts and members:
        _forget_words(keep=words)
    engine.settle()


def rebuild_server(*, posts: bool = True, members: bool = True, progress: Progress | None = None) -> None:
    """Fill new indices on the search server beside those that answer, then let them answer. Raises EngineDown."""
    server = search_server()
    if server is None:
        return
    kinds: list[tuple[str, list[int], Rows]] = [
        *([("members", _all_members(), member_rows)] if members else []),
        *([("posts", _all_posts(), post_rows)] if posts else []),
    ]
    for kind, all_ids, rows_of in kinds:
        index = server.begin_rebuild(kind)
        for ids in _chunks(f"{kind} for the search server", all_ids, progress):
            # The version is older than what is read under it, so that a change told meanwhile stays.
            version = new_id()
            rows = rows_of(ids)
            server.tell(kind, rows, dict.fromkeys(rows, version), index)
        server.finish_rebuild(kind, index)


def post_rows(ids: Sequence[int]) -> dict[int, PostRow]:
    """The published ones of these posts, as engines store them."""
    posts = Post.objects.filter(pk__in=ids, state=Post.State.PUBLISHED).values_list(
        "id", "text", "author__username", "author__display_name"
    )
    return {
        post_id: PostRow(post_id, " ".join(words_of_post(text)), _author_words(username, name))
        for post_id, text, username, name in posts
    }


def member_rows(ids: Sequence[int]) -> dict[int, MemberRow]:
    members = Member.objects.filter(pk__in=ids).values_list(
        "id", "username", "display_name", "bio", "followers_count"
    )
    return {
        member_id: MemberRow(
            member_id,
            " ".join(words_of_handle(username)),
            " ".join(words_of_name(name)),
            " ".join(words_of_post(bio)),
            followers,
        )
        for member_id, username, name, bio, followers in members
    }


def _author_words(username: str, display_name: str) -> str:
    return " ".join(dict.fromkeys([*words_of_handle(username), *words_of_name(display_name)]))


def _used(rows: Iterable[PostRow | MemberRow]) -> set[str]:
    """Every word in these rows."""
    found: set[str] = set()
    for row in rows:
        if isinstance(row, PostRow):
            found.update(row.words.split(), row.author_words.split())
        else:
            found.update(row.handle_words.split(), row.name_words.split(), row.bio_words.split())
    return found


def _hold(model: type[Post] | type[Member], ids: Sequence[int]) -> None:
    """Let nobody change these rows between the look at them and the commit of what was seen.

    SQLite needs no asking: its transaction holds the whole database.
    """
    rows = model._default_manager.filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _note(kind: Pending.Kind, ids: Sequence[int]) -> None:
    if search_server() is None:
        return
    Pending.objects.bulk_create(
        [Pending(kind=kind, object_id=object_id, version=new_id()) for object_id in sorted(set(ids))],
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["version"],
    )


def _chunks(what: str, ids: Sequence[int], progress: Progress | None) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
        if progress:
            progress(what, min(start + CHUNK, len(ids)), len(ids))


def _all_posts() -> list[int]:
    return list(Post.objects.filter(state=Post.State.PUBLISHED).order_by("id").values_list("id", flat=True))


def _all_members() -> list[int]:
    return list(Member.objects.order_by("id").values_list("id", flat=True))


def _forget_words(*, keep: set[str]) -> None:
    kept = {word for word in keep if is_spelled(word)}
    stale = [word for word in Word.objects.values_list("word", flat=True).iterator() if word not in kept]
    for start in range(0, len(stale), CHUNK):
        Word.objects.filter(pk__in=stale[start : start + CHUNK]).delete()
