from posts.queries.bookmarks import bookmarks_of
from posts.queries.drafts import contents_of, drafts_of, own_draft, scheduled_of, visible_parents
from posts.queries.links import LinkPreview, link_cards
from posts.queries.marks import Marks, viewer_marks, visible_root_ids
from posts.queries.polls import ShownOption, ShownPoll, polls_of
from posts.queries.posts import counts_message, readable_limited_author_ids, revisions_of, visible_post
from posts.queries.quotes import quotes_of
from posts.queries.replying import may_reply, why_no_reply
from posts.queries.reposts import reposts_of
from posts.queries.tags import follows_tag, tag_follows_of, visible_tag
from posts.queries.threads import (
    ANCESTORS_MAX,
    NESTED_MAX,
    NESTED_UNDER_TOMBSTONE_MAX,
    Branch,
    Thread,
    thread_of,
)

__all__ = [
    "ANCESTORS_MAX",
    "NESTED_MAX",
    "NESTED_UNDER_TOMBSTONE_MAX",
    "Branch",
    "LinkPreview",
    "Marks",
    "ShownOption",
    "ShownPoll",
    "Thread",
    "bookmarks_of",
    "contents_of",
    "counts_message",
    "drafts_of",
    "follows_tag",
    "link_cards",
    "may_reply",
    "own_draft",
    "polls_of",
    "quotes_of",
    "readable_limited_author_ids",
    "reposts_of",
    "revisions_of",
    "scheduled_of",
    "tag_follows_of",
    "thread_of",
    "viewer_marks",
    "visible_parents",
    "visible_post",
    "visible_root_ids",
    "visible_tag",
    "why_no_reply",
]
