"""Keeping the index, which is read model only: it can be dropped and made anew."""

from search.actions.checking import check_database, check_server, check_words, in_words
from search.actions.indexing import (
    forget_member,
    forget_posts,
    forget_unused_words,
    index_author,
    index_members,
    index_posts,
    note_followed,
    note_followers,
)
from search.actions.pushing import push_pending
from search.actions.rebuilding import Incomplete, rebuild_database, rebuild_server
from search.actions.renewing import note_renewed, renew_index

__all__ = [
    "Incomplete",
    "check_database",
    "check_server",
    "check_words",
    "forget_member",
    "forget_posts",
    "forget_unused_words",
    "in_words",
    "index_author",
    "index_members",
    "index_posts",
    "note_followed",
    "note_followers",
    "note_renewed",
    "push_pending",
    "rebuild_database",
    "rebuild_server",
    "renew_index",
]
