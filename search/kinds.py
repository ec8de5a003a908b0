"""The two kinds of indexed objects, posts and members: which can be found, and what an index stores of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import Member
from posts.models import Post
from search.analysis import analyze_name, analyze_text, analyze_username
from search.engines.base import Indexed, IndexedMember, IndexedPost, brevity
from search.models import Pending, Renewal


@dataclass(frozen=True)
class IndexedKind:
    """Posts or members: everything that indexing, checking and rebuilding need to handle both."""

    name: str
    """Its name in engines."""
    model: type[Post] | type[Member]
    findable: "Callable[[], QuerySet[Any]]"
    load: Callable[[Sequence[int]], Mapping[int, Indexed]]
    """Return, of these ids, the objects that can be found, as an index stores them."""
    pending: Pending.Kind
    renewal: Renewal.Kind


def findable_posts() -> "QuerySet[Post]":
    """Return the posts in the index. Their audience says who can find them."""
    return Post.objects.listed().filter(state=Post.State.PUBLISHED, author__is_active=True)


def findable_members() -> "QuerySet[Member]":
    return Member.objects.get_queryset().filter(is_active=True)


def indexed_posts(ids: Sequence[int]) -> dict[int, IndexedPost]:
    found = {}
    fields = (
        "id", "content_warning", "text", "poll_text", "alt_text", "visibility",
        "author_id", "author__username", "author__display_name", "author__is_private",
    )  # fmt: skip
    for post_id, warning, text, poll_text, alt_text, visibility, author_id, username, name, is_private in (
        findable_posts().filter(pk__in=ids).values_list(*fields)
    ):
        terms = analyze_text(f"{warning}\n{text}\n{poll_text}\n{alt_text}")
        found[post_id] = IndexedPost(
            id=post_id,
            author_id=author_id,
            audience=author_id if is_private or visibility != Post.Visibility.PUBLIC else None,
            terms=" ".join(terms),
            author_terms=author_terms_of(username, name),
            brevity=brevity(len(terms)),
        )
    return found


def indexed_members(ids: Sequence[int]) -> dict[int, IndexedMember]:
    fields = ("id", "username", "display_name", "bio", "followers_count")
    return {
        member_id: IndexedMember(
            id=member_id,
            username_terms=" ".join(analyze_username(username)),
            name_terms=" ".join(analyze_name(name)),
            bio_terms=" ".join(analyze_text(bio)),
            followers=followers,
        )
        for member_id, username, name, bio, followers in (
            findable_members().filter(pk__in=ids).values_list(*fields)
        )
    }


def author_terms_of(username: str, display_name: str) -> str:
    return " ".join(dict.fromkeys([*analyze_username(username), *analyze_name(display_name)]))


def vocabulary_of(indexed: Iterable[Indexed]) -> set[str]:
    """Return the terms of those of these objects that everyone can find."""
    found: set[str] = set()
    for one in indexed:
        if isinstance(one, IndexedPost):
            if one.audience is None:
                found.update(one.terms.split(), one.author_terms.split())
        else:
            found.update(one.username_terms.split(), one.name_terms.split(), one.bio_terms.split())
    return found


POSTS = IndexedKind("posts", Post, findable_posts, indexed_posts, Pending.Kind.POST, Renewal.Kind.POSTS)
MEMBERS = IndexedKind(
    "members", Member, findable_members, indexed_members, Pending.Kind.MEMBER, Renewal.Kind.MEMBERS
)
KINDS = (MEMBERS, POSTS)
