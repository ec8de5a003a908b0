"""Keeping the index as things happen: the database's at once, the search server's soon after (pushing.py)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Member
from core.ids import new_id
from posts.models import Post
from search.engines import database_engine, search_server
from search.models import Pending, PostDocument, Word
from search.rows import author_words_of, findable_posts, member_rows, post_rows, used_words
from social.models import Follow

T = TypeVar("T")
CHUNK = 1000


def in_chunks(many: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(many), CHUNK):
        yield many[start : start + CHUNK]


def index_posts(*, ids: Sequence[int]) -> None:
    """Let these posts be found by what they say now, by whom they are for, or not at all when nobody may read them."""
    with transaction.atomic():
        hold(Post, ids)
        rows = post_rows(ids)
        gone = [post_id for post_id in ids if post_id not in rows]
        engine = database_engine()
        if rows:
            engine.index_posts(list(rows.values()))
            engine.learn(used_words(list(rows.values())))
        if gone:
            engine.remove_posts(gone)
        note(Pending.Kind.POST, ids)


def index_members(*, ids: Sequence[int]) -> None:
    """Let these members be found by what they call themselves now, or not at all when the account is closed."""
    with transaction.atomic():
        hold(Member, ids)
        rows = member_rows(ids)
        gone = [member_id for member_id in ids if member_id not in rows]
        engine = database_engine()
        if rows:
            engine.index_members(list(rows.values()))
            engine.learn(used_words(list(rows.values())))
        if gone:
            engine.remove_members(gone)
        note(Pending.Kind.MEMBER, ids)


def forget_posts(*, ids: Sequence[int]) -> None:
    """Let these posts be found no more, whatever they say."""
    with transaction.atomic():
        database_engine().remove_posts(ids)
        note(Pending.Kind.POST, ids)


def forget_member(*, member_id: int) -> None:
    with transaction.atomic():
        database_engine().remove_members([member_id])
        note(Pending.Kind.MEMBER, [member_id])


def forget_unused_words(*, after: str = "") -> str:
    """Forget, of the next `CHUNK` words after `after`, those that stand in nothing that everyone may find.

    Returns the word to go on from, "" when all have been looked at.
    """
    words = list(Word.objects.filter(word__gt=after).order_by("word").values_list("word", flat=True)[:CHUNK])
    forget_words(database_engine().unused(words))
    return words[-1] if len(words) == CHUNK else ""


def forget_words(words: Iterable[str]) -> None:
    """Let these words not be what a misspelled one may have meant."""
    for chunk in in_chunks(list(words)):
        Word.objects.filter(pk__in=chunk).delete()


def index_author(*, member_id: int, after_id: int = 0) -> int:
    """Let a member's posts be found by their present name, and by whoever may read them now: the next `CHUNK` of them
    after `after_id`.

    Returns the id to go on from, 0 when all are done. Nothing is written where the index has it so already.
    """
    with transaction.atomic():
        member = Member.objects.filter(pk=member_id).first()
        if member is None:
            return 0
        kept = PostDocument.objects.filter(
            post_id=OuterRef("pk"),
            author_words=author_words_of(member.username, member.display_name),
            audience=member_id if member.is_private else None,
        )
        if member.is_active:
            stale = findable_posts().filter(~Exists(kept))
        else:
            stale = Post.objects.filter(Exists(PostDocument.objects.filter(post_id=OuterRef("pk"))))
        chunk = stale.filter(author=member, pk__gt=after_id).order_by("pk")[:CHUNK]
        ids = list(chunk.values_list("pk", flat=True))
        index_posts(ids=ids)
    return ids[-1] if len(ids) == CHUNK else 0


def note_followers(*, member_id: int) -> None:
    """Let the search server know the number of followers; the database looks at the member itself."""
    with transaction.atomic():
        note(Pending.Kind.MEMBER, [member_id])


def note_followed(*, member_id: int, after_id: int = 0) -> int:
    """`note_followers` for those whom the member follows: the next `CHUNK` of them after `after_id`.

    Returns the id to go on from, 0 when all are noted, or when there is no search server to be told.
    """
    if search_server() is None:
        return 0
    followed = Follow.objects.filter(follower=member_id, followee__gt=after_id).order_by("followee")
    ids = list(followed.values_list("followee_id", flat=True)[:CHUNK])
    with transaction.atomic():
        note(Pending.Kind.MEMBER, ids)
    return ids[-1] if len(ids) == CHUNK else 0


def hold(model: type[Post] | type[Member], ids: Sequence[int]) -> None:
    """Let nobody change these rows between the look at them and the commit of what was seen.

    SQLite needs no asking: its transaction holds the whole database.
    """
    rows = model._default_manager.filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def note(kind: Pending.Kind, ids: Sequence[int]) -> None:
    if search_server() is None:
        return
    Pending.objects.bulk_create(
        [Pending(kind=kind, object_id=object_id, version=new_id()) for object_id in sorted(set(ids))],
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["version"],
    )
