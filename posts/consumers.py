from collections.abc import Mapping, Sequence

from accounts.models import Member
from core.consumers import Allowed, Stream, snowflake
from core.streams import Fact
from posts.models import Post
from posts.queries import counted


class PostStream(Stream[Member]):
    """post.<id>: what changes about a post while it is on somebody's page."""

    def catch_up(
        self, viewer: Member | None, keys: Sequence[str], after: int | None
    ) -> Mapping[str, Sequence[Fact]]:
        ids = {number: key for key in keys if (number := snowflake(key)) is not None}
        posts = (
            Post.objects.visible_to(viewer)
            .filter(pk__in=ids)
            .only("id", "author_id", "state", "likes_count", "replies_count", "edited_at")
        )
        return Allowed(
            {ids[post.id]: self._present(post, viewer) for post in posts},
            owners={ids[post.id]: post.author_id for post in posts},
        )

    @staticmethod
    def _present(post: Post, viewer: Member | None) -> list[Fact]:
        # A card may have been drawn before the last edit.
        edited = {"edited_at": post.edited_at.isoformat(timespec="seconds")} if post.edited_at else {}
        facts: list[Fact] = [{**counted(post), **edited}] if post.is_published else []
        if viewer is not None and post.author_id == viewer.pk:
            # Review may have decided between the drawing of the card and now.
            facts.append({"type": "post.state", "id": str(post.id), "state": post.state})
        return facts

    def dress(self, viewer: Member | None, fact: Fact) -> Fact | None:
        """Facts that mean one thing to the author and another to everybody else carry `author`, which stays here."""
        if "author" not in fact:
            return fact
        own = viewer is not None and str(viewer.pk) == fact["author"]
        told = {name: value for name, value in fact.items() if name not in ("author", "by_author")}
        if fact["type"] == "post.hidden" and own and not fact["by_author"]:
            # Authors go on seeing what was held or removed, with the reason.
            return {**told, "type": "post.changed"}
        return told

    def ends(self, viewer: Member | None, fact: Fact) -> bool:
        return fact["type"] == "post.hidden" and (
            bool(fact["by_author"]) or viewer is None or str(viewer.pk) != fact["author"]
        )
