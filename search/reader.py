"""Who searches, as far as an engine must know it."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from accounts.models import Member, blocked_either_way
from posts.models import Post
from posts.muting import exclude_muted_authors
from posts.queries import readable_private_author_ids
from social.queries import muted_ids


class Reader:
    """What `viewer` may see, and of posts wants to see: as a query for the database, and as ids for an index."""

    def __init__(self, viewer: Member | None) -> None:
        self.viewer = viewer
        self.conditions: dict[tuple[str, str], tuple[str, list[Any]]] = {}
        """SQL that an engine has made of `posts` and `members`, so that it makes it once."""

    @cached_property
    def posts(self) -> "QuerySet[Post]":
        return exclude_muted_authors(Post.objects.visible_to(self.viewer), self.viewer)

    @cached_property
    def members(self) -> "QuerySet[Member]":
        return Member.objects.visible_to(self.viewer)

    @cached_property
    def private_authors(self) -> list[int]:
        """The private accounts whose posts they may read."""
        return readable_private_author_ids(self.viewer)

    @cached_property
    def hidden_members(self) -> list[int]:
        """Who is not there for them, because of a block."""
        return list(blocked_either_way(self.viewer))

    @cached_property
    def hidden_authors(self) -> list[int]:
        """Whose posts they do not see, because of a block or a mute."""
        return [*self.hidden_members, *muted_ids(self.viewer)]
