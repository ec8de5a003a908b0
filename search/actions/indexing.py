"""Keep the index up to date: the database’s at once, the search server’s soon after (pushing.py)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Member
from core.ids import new_id
from posts.models import Post
from search.engines import database_engine, search_server
from search.kinds import MEMBERS, POSTS, IndexedKind, author_terms_of, findable_posts, vocabulary_of
from search.models import Pending, PostDocument, VocabularyTerm
from social.models import Follow

T = TypeVar("T")
CHUNK_SIZE = 1000


def in_chunks(many: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(many), CHUNK_SIZE):
        yield many[start : start + CHUNK_SIZE]


def index(*, kind: IndexedKind, ids: Sequence[int]) -> None:
    """Index these posts or members as they are now. Remove those that no one can find."""
    with transaction.atomic():
        lock_rows(kind, ids)
        found = kind.load(ids)
        gone = [key for key in ids if key not in found]
        engine = database_engine()
        if found:
            engine.index(kind.name, list(found.values()))
            engine.add_to_vocabulary(vocabulary_of(found.values()))
        if gone:
            engine.remove(kind.name, gone)
        mark_pending(kind, ids)


def index_posts(*, ids: Sequence[int]) -> None:
    index(kind=POSTS, ids=ids)


def index_members(*, ids: Sequence[int]) -> None:
    index(kind=MEMBERS, ids=ids)


def remove_from_index(*, kind: IndexedKind, ids: Sequence[int]) -> None:
    """Remove these posts or members from the index, even if they can be found."""
    with transaction.atomic():
        database_engine().remove(kind.name, ids)
        mark_pending(kind, ids)


def delete_unused_terms(*, after: str = "") -> str:
    """Delete, of the next `CHUNK_SIZE` terms of the vocabulary after `after`, those in nothing that everyone can find.

    Return the term to continue after, "" at the end.
    """
    following = VocabularyTerm.objects.filter(term__gt=after).order_by("term")
    terms = list(following.values_list("term", flat=True)[:CHUNK_SIZE])
    delete_terms(database_engine().unused_terms(terms))
    return terms[-1] if len(terms) == CHUNK_SIZE else ""


def delete_terms(terms: Iterable[str]) -> None:
    """Delete these terms from the vocabulary, so no correction suggests them."""
    for chunk in in_chunks(list(terms)):
        VocabularyTerm.objects.filter(pk__in=chunk).delete()


def index_author(*, member_id: int, after_id: int = 0) -> int:
    """Index the next `CHUNK_SIZE` posts of a member after `after_id` whose author terms or audience have changed.

    Return the id to continue after, 0 at the end.
    """
    with transaction.atomic():
        member = Member.objects.filter(pk=member_id).first()
        if member is None:
            return 0
        up_to_date = PostDocument.objects.filter(
            post_id=OuterRef("pk"),
            author_terms=author_terms_of(member.username, member.display_name),
        )
        if member.is_active:
            for_followers = ~Q(Exists(up_to_date.filter(audience=member_id)))
            for_everyone = Q(visibility=Post.Visibility.PUBLIC)
            if member.is_private:
                stale = findable_posts().filter(for_followers)
            else:
                missing = ~Q(Exists(up_to_date.filter(audience=None)))
                stale = findable_posts().filter(for_everyone & missing | ~for_everyone & for_followers)
        else:
            stale = Post.objects.filter(Exists(PostDocument.objects.filter(post_id=OuterRef("pk"))))
        chunk = stale.filter(author=member, pk__gt=after_id).order_by("pk")[:CHUNK_SIZE]
        ids = list(chunk.values_list("pk", flat=True))
        index_posts(ids=ids)
    return ids[-1] if len(ids) == CHUNK_SIZE else 0


def queue_follower_count(*, member_id: int) -> None:
    """Queue a member for the search server, which stores their number of followers; the database looks it up."""
    with transaction.atomic():
        mark_pending(MEMBERS, [member_id])


def queue_followees(*, member_id: int, after_id: int = 0) -> int:
    """Do `queue_follower_count` for the next `CHUNK_SIZE` members after `after_id` whom this member follows.

    Return the id to continue after, 0 at the end or without a search server.
    """
    if search_server() is None:
        return 0
    followed = Follow.objects.filter(follower=member_id, followee__gt=after_id).order_by("followee")
    ids = list(followed.values_list("followee_id", flat=True)[:CHUNK_SIZE])
    with transaction.atomic():
        mark_pending(MEMBERS, ids)
    return ids[-1] if len(ids) == CHUNK_SIZE else 0


def lock_rows(kind: IndexedKind, ids: Sequence[int]) -> None:
    """Lock these rows until the commit, so that what is indexed stays true until then.

    SQLite needs no row locks: a transaction locks the whole database.
    """
    rows = kind.model._default_manager.filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def mark_pending(kind: IndexedKind, ids: Sequence[int]) -> None:
    """Queue these objects for the search server, if there is one."""
    if search_server() is None:
        return
    Pending.objects.bulk_create(
        [Pending(kind=kind.pending, object_id=object_id, version=new_id()) for object_id in sorted(set(ids))],
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["version"],
    )
