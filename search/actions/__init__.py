"""Keep the search index, a read model that can be deleted and rebuilt at any time."""

from search.actions.checking import check_database, check_server, check_vocabulary, describe_mismatches
from search.actions.indexing import (
    delete_unused_terms,
    index_author,
    index_members,
    index_posts,
    queue_followees,
    queue_follower_count,
    remove_from_index,
)
from search.actions.pushing import push_pending
from search.actions.rebuilding import IncompleteIndex, rebuild_database, rebuild_server
from search.actions.renewing import mark_renewed, renew_index

__all__ = [
    "IncompleteIndex",
    "check_database",
    "check_server",
    "check_vocabulary",
    "delete_unused_terms",
    "describe_mismatches",
    "index_author",
    "index_members",
    "index_posts",
    "mark_renewed",
    "push_pending",
    "queue_followees",
    "queue_follower_count",
    "rebuild_database",
    "rebuild_server",
    "remove_from_index",
    "renew_index",
]
