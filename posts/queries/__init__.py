from posts.queries.bookmarks import bookmarks_of
from posts.queries.marks import Marks, roots_shown, viewer_marks
from posts.queries.posts import counted, private_authors_read_by, visible_post, wordings_of
from posts.queries.tags import follows_tag, tag_follows_of, visible_tag
from posts.queries.threads import ANCESTORS_SHOWN, NESTED_SHOWN, NESTED_UNDER_GONE, Branch, Thread, thread_of

__all__ = [
    "ANCESTORS_SHOWN",
    "NESTED_SHOWN",
    "NESTED_UNDER_GONE",
    "Branch",
    "Marks",
    "Thread",
    "bookmarks_of",
    "counted",
    "follows_tag",
    "private_authors_read_by",
    "roots_shown",
    "tag_follows_of",
    "thread_of",
    "viewer_marks",
    "visible_post",
    "visible_tag",
    "wordings_of",
]
