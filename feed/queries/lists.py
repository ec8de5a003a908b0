"""The feed of a list."""

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Member
from core.pages import PAGE_SIZE, Page
from feed.queries.chronological import ChronologicalFeed, before_of_cursor, load_page, replies_to_followed
from posts.models import Post
from posts.muting import filtered_page
from social.models import List, ListEntry
from social.queries.lists import member_ids_on


def list_timeline(
    list_: List, *, viewer: Member, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Post]:
    """Return a page of posts by the members of the list, strictly newest first.

    The list’s policy says which replies are among them. What the viewer has muted is left out. Raise Invalid for a
    bad cursor.
    """
    feed = ChronologicalFeed(
        viewer=viewer,
        authors=member_ids_on(list_).order_by(),
        author_count=member_ids_on(list_).count(),
        replies=_replies(list_, viewer),
    )

    def page(at: str | None, count: int) -> Page[Post]:
        return load_page(feed.newest_ids(before_of_cursor(at), count + 1), viewer, count)

    return filtered_page(page, viewer, "home", cursor=cursor, size=size)


def _replies(list_: List, viewer: Member) -> Q:
    """Match the replies it shows. With any policy but none, also those to the viewer, and authors’ own threads."""
    match list_.replies:
        case List.Replies.LIST:
            on_it = ListEntry.objects.filter(list=list_, member=OuterRef("in_reply_to__author_id"))
            return Q(in_reply_to__author=viewer) | Q(Exists(on_it))
        case List.Replies.FOLLOWED:
            return replies_to_followed(viewer) | Q(in_reply_to__author=F("author"))
    return Q(in_reply_to=None)
