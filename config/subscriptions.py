"""Who hears what: event → the functions told of it, each in a transaction of its own (core.events)."""

from collections.abc import Mapping, Sequence

from core.events import Event
from posts.events import PostEdited, PostHidden, PostWritten

SUBSCRIPTIONS: Mapping[type[Event], Sequence[str]] = {
    PostWritten: ["moderation.tasks.review_post"],
    PostEdited: ["moderation.tasks.review_post"],
    PostHidden: ["moderation.tasks.let_go_of_deleted_post"],
}
