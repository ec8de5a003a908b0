"""What there is to be found, as engines store it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import Member
from posts.models import Post
from search.engines.base import MemberRow, PostRow, brevity
from search.models import Pending
from search.words import words_of_handle, words_of_name, words_of_post


def findable_posts() -> "QuerySet[Post]":
    """What the index holds; who of all may find it, the audience says."""
    return Post.objects.filter(state=Post.State.PUBLISHED, author__is_active=True)


def findable_members() -> "QuerySet[Member]":
    return Member.objects.get_queryset().filter(is_active=True)


def post_rows(ids: Sequence[int]) -> dict[int, PostRow]:
    """Those of these posts that others than their author may read, as engines store them."""
    posts = findable_posts().filter(pk__in=ids)
    rows = {}
    for post_id, text, author_id, username, name, is_private in posts.values_list(
        "id", "text", "author_id", "author__username", "author__display_name", "author__is_private"
    ):
        words = words_of_post(text)
        rows[post_id] = PostRow(
            id=post_id,
            author_id=author_id,
            audience=author_id if is_private else None,
            words=" ".join(words),
            author_words=author_words_of(username, name),
            brevity=brevity(len(words)),
        )
    return rows


def member_rows(ids: Sequence[int]) -> dict[int, MemberRow]:
    members = (
        findable_members()
        .filter(pk__in=ids)
        .values_list("id", "username", "display_name", "bio", "followers_count")
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


def author_words_of(username: str, display_name: str) -> str:
    return " ".join(dict.fromkeys([*words_of_handle(username), *words_of_name(display_name)]))


def used_words(rows: Iterable[PostRow | MemberRow]) -> set[str]:
    """Every word in those of these rows that everyone may find."""
    found: set[str] = set()
    for row in rows:
        if isinstance(row, PostRow):
            if row.audience is None:
                found.update(row.words.split(), row.author_words.split())
        else:
            found.update(row.handle_words.split(), row.name_words.split(), row.bio_words.split())
    return found


@dataclass(frozen=True)
class Kind:
    """Posts or members, for what is done with both alike."""

    name: str
    findable: "Callable[[], QuerySet[Any]]"
    rows: Callable[[Sequence[int]], Mapping[int, PostRow] | Mapping[int, MemberRow]]
    pending: Pending.Kind


POSTS = Kind("posts", findable_posts, post_rows, Pending.Kind.POST)
MEMBERS = Kind("members", findable_members, member_rows, Pending.Kind.MEMBER)
KINDS = (MEMBERS, POSTS)
