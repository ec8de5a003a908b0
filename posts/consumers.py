from collections.abc import Mapping, Sequence

from accounts.models import Member
from core.consumers import OwnedStreams, Stream, snowflake
from core.streams import LiveMessage
from posts.models import Post
from posts.queries import counts_message


class PostStream(Stream[Member]):
    """Stream `post.<id>`: changes of a post that a page shows."""

    def catch_up(
        self, viewer: Member | None, keys: Sequence[str], after: int | None
    ) -> Mapping[str, Sequence[LiveMessage]]:
        ids = {number: key for key in keys if (number := snowflake(key)) is not None}
        posts = (
            Post.objects.visible_to(viewer)
            .filter(pk__in=ids)
            .only("id", "author_id", "state", "likes_count", "replies_count", "reposts_count", "edited_at")
        )
        return OwnedStreams(
            {ids[post.id]: self._present(post, viewer) for post in posts},
            owners={ids[post.id]: post.author_id for post in posts},
        )

    @staticmethod
    def _present(post: Post, viewer: Member | None) -> list[LiveMessage]:
        # A card may have been rendered before the last edit.
        edited = {"edited_at": post.edited_at.isoformat(timespec="seconds")} if post.edited_at else {}
        messages: list[LiveMessage] = [{**counts_message(post), **edited}] if post.is_published else []
        if viewer is not None and post.author_id == viewer.pk:
            # Review may have decided since the card was rendered.
            messages.append({"type": "post.state", "id": str(post.id), "state": post.state})
        return messages

    def for_viewer(self, viewer: Member | None, message: LiveMessage) -> LiveMessage | None:
        """Return the message as this viewer may see it.

        `author` is set on messages that differ for the author, and isn’t sent.
        """
        if "author" not in message:
            return message
        own = viewer is not None and str(viewer.pk) == message["author"]
        sent = {name: value for name, value in message.items() if name not in ("author", "by_author")}
        if message["type"] == "post.hidden" and own and not message["by_author"]:
            # Authors still see what was held or removed, with the reason.
            return {**sent, "type": "post.changed"}
        return sent

    def is_last(self, viewer: Member | None, message: LiveMessage) -> bool:
        return message["type"] == "post.hidden" and (
            bool(message["by_author"]) or viewer is None or str(viewer.pk) != message["author"]
        )
