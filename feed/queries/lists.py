"""What the people on a list write."""

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Member
from core.pages import PAGE_SIZE, Page
from feed.queries.circles import Circle, page_of_posts, post_before, replies_to_followed
from posts.models import Post
from posts.muting import filtered_page
from social.models import List, ListEntry
from social.queries.lists import member_ids_on


def list_timeline(
    list_: List, *, viewer: Member, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Post]:
    """A page of posts by the people on the list, strictly newest first.

    Which replies are among them is the list's policy; what the viewer has muted is left out.
    Raises Invalid on a cursor that is none.
    """
    circle = Circle(
        viewer=viewer,
        people=member_ids_on(list_).order_by(),
        size=member_ids_on(list_).count(),
        replies=_replies(list_, viewer),
    )

    def page(at: str | None, count: int) -> Page[Post]:
        return page_of_posts(circle.newest(post_before(at), count + 1), viewer, count)

    return filtered_page(page, viewer, "home", cursor=cursor, size=size)


def _replies(list_: List, viewer: Member) -> Q:
    """Which replies it shows; with any, those to the viewer and those by which people go on with a thread of theirs."""
    match list_.replies:
        case List.Replies.LIST:
            on_it = ListEntry.objects.filter(list=list_, member=OuterRef("in_reply_to__author_id"))
            return Q(in_reply_to__author=viewer) | Q(Exists(on_it))
        case List.Replies.FOLLOWED:
            return replies_to_followed(viewer) | Q(in_reply_to__author=F("author"))
    return Q(in_reply_to=None)
