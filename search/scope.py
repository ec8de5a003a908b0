"""What a search covers for one viewer."""

from collections.abc import Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Member, blocked_either_way
from posts.languages import language_code
from posts.models import Post
from posts.muting import exclude_muted_authors
from posts.queries import readable_limited_author_ids
from social.queries import muted_ids


class SearchScope:
    """What `viewer` may see and has not muted: as querysets for the database, and as ids for a search server."""

    def __init__(
        self, viewer: Member | None, *, languages: Sequence[str] = (), has_media: bool = False
    ) -> None:
        self.viewer = viewer
        self.languages = languages
        """The codes of the languages to which posts are limited, if any."""
        self.has_media = has_media
        """Whether posts are limited to those with pictures, a video or a sound."""
        self.conditions: dict[tuple[str, str], tuple[str, list[Any]]] = {}
        """The SQL of `posts` and `members`, cached by the engine."""

    @cached_property
    def posts(self) -> "QuerySet[Post]":
        posts = exclude_muted_authors(Post.objects.visible_to(self.viewer).listed(), self.viewer)
        if self.has_media:
            posts = posts.filter(media_count__gt=0)
        if not self.languages:
            return posts
        codes = [language_code(code) or code for code in self.languages]
        # A post in "pt-BR" is one in "pt".
        return posts.filter(
            reduce(or_, (Q(language=code) | Q(language__startswith=f"{code}-") for code in codes))
        )

    @cached_property
    def members(self) -> "QuerySet[Member]":
        return Member.objects.visible_to(self.viewer)

    @cached_property
    def limited_authors(self) -> list[int]:
        """Return the members whose posts for followers only the viewer may read: the audiences they belong to."""
        return readable_limited_author_ids(self.viewer)

    @cached_property
    def hidden_members(self) -> list[int]:
        """Return whom the viewer can’t see because of a block."""
        return list(blocked_either_way(self.viewer))

    @cached_property
    def hidden_authors(self) -> list[int]:
        """Return whose posts the viewer doesn’t see because of a block or a mute."""
        return [*self.hidden_members, *muted_ids(self.viewer)]
