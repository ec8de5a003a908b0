"""Elasticsearch, through django-elasticsearch-dsl: used when ELASTICSEARCH_URL is set.

Each kind has an alias to search (`kith-posts`) and one to write to (`kith-posts-writers`), which during a rebuild
stands for two indices: the old one that answers, and the new one that is being filled.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from elastic_transport import ApiError, TransportError
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.dsl.connections import connections
from elasticsearch.helpers import streaming_bulk

from core.ids import new_id, time_of
from search.documents import MemberWords, PostWords
from search.engines.base import (
    AUTHOR_WEIGHT,
    BIO_WEIGHT,
    CANDIDATES,
    FOLLOWERS_FACTOR,
    HANDLE_ITSELF,
    HANDLE_WEIGHT,
    NAME_WEIGHT,
    RECENCY_DAYS,
    WORDS_WEIGHT,
    After,
    EngineDown,
    Hit,
    MemberRow,
    PostRow,
    page_after,
)
from search.words import Query, Term

log = logging.getLogger("kith.search")

POSTS, MEMBERS = "posts", "members"
DOCUMENTS: dict[str, Any] = {POSTS: PostWords, MEMBERS: MemberWords}
BULK_TIMEOUT = 10
"""Seconds that a job may wait; a page waits settings.ELASTICSEARCH_TIMEOUT."""
REST_SECONDS = 10
AROUND = 10
"""Hits fetched beyond a page, because what it begins after may have moved down meanwhile."""


class Breaker:
    """After a failure nobody asks for a while, then one does; so that not every search waits for a dead server."""

    def __init__(self, rest: float = REST_SECONDS) -> None:
        self._rest = rest
        self._lock = threading.Lock()
        self._closed_until = 0.0

    def may_ask(self) -> bool:
        """True for everybody while it works; after a failure for one caller each `rest` seconds."""
        with self._lock:
            if not self._closed_until:
                return True
            if time.monotonic() < self._closed_until:
                return False
            self._closed_until = time.monotonic() + self._rest
            return True

    def failed(self) -> None:
        with self._lock:
            self._closed_until = time.monotonic() + self._rest

    def worked(self) -> None:
        with self._lock:
            self._closed_until = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask the server inside of this. Raises EngineDown when it does not answer, or lately did not."""
        if not self.may_ask():
            raise EngineDown("resting after a failure")
        try:
            yield
        except BadRequestError as fault:
            # It works; only this question is not to its liking, which says nothing about the next one.
            self.worked()
            log.exception("Elasticsearch refuses a question")
            raise EngineDown(str(fault)) from fault
        except (TransportError, ApiError) as fault:
            self.failed()
            log.warning("Elasticsearch does not answer, the database does: %s", fault)
            raise EngineDown(str(fault)) from fault
        self.worked()


class ElasticEngine:
    name = "elasticsearch"

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self.breaker = Breaker()
        self._client: Elasticsearch = connections.create_connection(
            alias=f"{prefix} {url}",
            **(settings.ELASTICSEARCH_DSL["default"] | {"hosts": url}),
            request_timeout=settings.ELASTICSEARCH_TIMEOUT,
            max_retries=0,
            retry_on_timeout=False,
        )
        self._patient = self._client.options(request_timeout=BULK_TIMEOUT)

    # --- Keeping ---------------------------------------------------------------------------------------------

    def index_posts(self, rows: Sequence[PostRow]) -> None:
        self.tell(POSTS, {row.id: row for row in rows}, dict.fromkeys([row.id for row in rows], new_id()))

    def remove_posts(self, ids: Sequence[int]) -> None:
        self.tell(POSTS, {}, dict.fromkeys(ids, new_id()))

    def index_members(self, rows: Sequence[MemberRow]) -> None:
        self.tell(MEMBERS, {row.id: row for row in rows}, dict.fromkeys([row.id for row in rows], new_id()))

    def remove_members(self, ids: Sequence[int]) -> None:
        self.tell(MEMBERS, {}, dict.fromkeys(ids, new_id()))

    def tell(
        self,
        kind: str,
        rows: dict[int, PostRow] | dict[int, MemberRow],
        versions: dict[int, int],
        index: str | None = None,
    ) -> None:
        """Store the rows of `versions` and forget those that have none. What is newer there already stays.

        Raises EngineDown; what is refused for its own sake is logged and left out.
        """
        with self.breaker.asking():
            names = [index] if index else list(self._patient.indices.get_alias(name=self._writers(kind)))
            actions = (
                self._action(name, object_id, rows.get(object_id), version)
                for name in names
                for object_id, version in versions.items()
            )
            for worked, result in streaming_bulk(
                self._patient, actions, chunk_size=1000, raise_on_error=False, raise_on_exception=True
            ):
                outcome = next(iter(result.values()))
                status = outcome.get("status", 500)
                if status == 429 or status >= 500:
                    raise EngineDown(f"told {status} for {outcome.get('_id')}")
                if not worked and status not in (404, 409):
                    log.error("Elasticsearch refuses %s: %s", outcome.get("_id"), outcome.get("error"))

    @staticmethod
    def _action(index: str, object_id: int, row: PostRow | MemberRow | None, version: int) -> dict[str, Any]:
        action: dict[str, Any] = {
            "_index": index,
            "_id": str(object_id),
            "version": version,
            "version_type": "external_gte",
        }
        match row:
            case None:
                return action | {"_op_type": "delete"}
            case PostRow():
                source: dict[str, Any] = {
                    "words": row.words,
                    "author_words": row.author_words,
                    "post_id": row.id,
                    "created_at": time_of(row.id),
                }
            case MemberRow():
                source = {
                    "handle_words": row.handle_words,
                    "name_words": row.name_words,
                    "bio_words": row.bio_words,
                    "member_id": row.id,
                    "followers": row.followers,
                }
        return action | {"_op_type": "index", "_source": source}

    # --- Rebuilding without downtime ---------------------------------------------------------------------------

    def is_built(self) -> bool:
        """Whether there is an index to search. Raises EngineDown."""
        with self.breaker.asking():
            return all(self._client.indices.exists_alias(name=self._alias(kind)) for kind in DOCUMENTS)

    def begin_rebuild(self, kind: str) -> str:
        """Make an empty index, which from now on is told of changes as well. Returns its name."""
        name = f"{self._alias(kind)}-{new_id()}"
        with self.breaker.asking():
            DOCUMENTS[kind]._index.clone(name=name).create(using=self._patient)
            self._patient.indices.put_alias(index=name, name=self._writers(kind))
        return name

    def finish_rebuild(self, kind: str, name: str) -> None:
        """Let the new index answer, in one step, and drop every other of its kind."""
        alias = self._alias(kind)
        with self.breaker.asking():
            self._patient.indices.refresh(index=name)
            older = [index for index in self._indices(kind) if index != name]
            self._patient.indices.update_aliases(
                actions=[
                    {"add": {"index": name, "alias": alias}},
                    *({"remove_index": {"index": index}} for index in older),
                ]
            )

    def clear(self) -> None:
        with self.breaker.asking():
            for kind in DOCUMENTS:
                for index in self._indices(kind):
                    self._patient.indices.delete(index=index)

    def refresh(self) -> None:
        """Let what was told be found at once; by itself that takes a second."""
        with self.breaker.asking():
            for kind in DOCUMENTS:
                self._patient.indices.refresh(index=self._alias(kind))

    def _indices(self, kind: str) -> list[str]:
        try:
            return [
                index
                for index in self._patient.indices.get(index=f"{self._alias(kind)}-*")
                if index.removeprefix(f"{self._alias(kind)}-").isdigit()
            ]
        except NotFoundError:
            return []

    def _alias(self, kind: str) -> str:
        return f"{self._prefix}-{kind}"

    def _writers(self, kind: str) -> str:
        return f"{self._alias(kind)}-writers"

    # --- Finding ---------------------------------------------------------------------------------------------

    def search_posts(self, query: Query, *, after: After, size: int, tolerant: bool = False) -> list[Hit]:
        if not query:
            return []
        fields = [f"words^{WORDS_WEIGHT}", f"author_words^{AUTHOR_WEIGHT}"]
        wanted: dict[str, Any] = {
            "must": [_group(term, fields, tolerant) for term in query.terms] or [{"match_all": {}}],
            "filter": [{"range": {"post_id": {"lte": after.ceiling}}}],
        }
        if query.authors:
            wanted["filter"].append({"terms": {"author_words": list(query.authors)}})
        recency = {
            "gauss": {
                "created_at": {"origin": time_of(after.ceiling), "scale": f"{RECENCY_DAYS}d", "decay": 0.5}
            }
        }
        return self._find(POSTS, "post_id", wanted, recency, after, size)

    def search_members(self, query: Query, *, after: After, size: int, tolerant: bool = False) -> list[Hit]:
        if not query:
            return []
        fields = [f"handle_words^{HANDLE_WEIGHT}", f"name_words^{NAME_WEIGHT}", f"bio_words^{BIO_WEIGHT}"]
        wanted: dict[str, Any] = {
            "must": [_group(term, fields, tolerant) for term in query.terms] or [{"match_all": {}}]
        }
        if query.authors:
            wanted["filter"] = [{"terms": {"handle_words": list(query.authors)}}]
        if query.handle:
            itself = {"value": f"@{query.handle}", "boost": HANDLE_WEIGHT * HANDLE_ITSELF}
            wanted["should"] = [{"term": {"handle_words": itself}}]
        followers = {
            "field_value_factor": {"field": "followers", "modifier": "log1p", "missing": 0},
            "weight": FOLLOWERS_FACTOR,
        }
        return self._find(MEMBERS, "member_id", wanted, followers, after, size)

    def _find(
        self, kind: str, key: str, wanted: dict[str, Any], advantage: dict[str, Any], after: After, size: int
    ) -> list[Hit]:
        body: dict[str, Any] = {
            "query": {
                "function_score": {
                    "query": {"bool": wanted},
                    "functions": [{"weight": 1}, advantage],
                    "score_mode": "sum",
                    "boost_mode": "multiply",
                }
            },
            "sort": [{"_score": "desc"}, {key: "desc"}],
            "track_total_hits": False,
            "timeout": f"{int(settings.ELASTICSEARCH_TIMEOUT * 1000)}ms",
        }
        search = DOCUMENTS[kind].search(using=self._client, index=self._alias(kind)).update_from_dict(body)
        with self.breaker.asking():
            answer = search.source(False)[: min(after.seen + size + AROUND, CANDIDATES)].execute()
        hits = [Hit(int(hit["sort"][1]), float(hit["sort"][0])) for hit in answer.to_dict()["hits"]["hits"]]
        return page_after(hits, after, size)


def _group(term: Term, fields: list[str], tolerant: bool) -> dict[str, Any]:
    """What will do for one term: the word itself; a word that begins with it; a word nearly like it."""
    words: dict[str, Any] = {"query": term.word, "fields": fields, "type": "best_fields"}
    any_of: list[dict[str, Any]] = [{"multi_match": words}]
    if term.prefix:
        any_of += [
            {"prefix": {name: {"value": term.typed, "boost": float(boost) / 2}}}
            for name, _, boost in (field.partition("^") for field in fields)
        ]
    if tolerant:
        like = words | {
            "query": term.typed,
            "fuzziness": "AUTO:4,8",
            "fuzzy_transpositions": True,
            "boost": 0.5,
        }
        any_of.append({"multi_match": like | {"max_expansions": 50, "prefix_length": int(term.is_marked)}})
    return {"dis_max": {"queries": any_of, "tie_breaker": 0.1}}


@cache
def engine_at(url: str, prefix: str) -> ElasticEngine:
    """One engine for each server, with its connections and its breaker."""
    return ElasticEngine(url, prefix)
