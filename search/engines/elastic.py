"""Elasticsearch, through django-elasticsearch-dsl: used when ELASTICSEARCH_URL is set.

Each kind has an alias to search (`kith-posts-v2`) and one that says which indices are written to
(`kith-posts-v2-writers`): during a rebuild two, the old one that answers and the new one that is being filled. Each
index is written to by an alias of its own, so that a write never makes an index.
"""

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from elastic_transport import ApiError, TransportError
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.dsl.connections import connections
from elasticsearch.helpers import streaming_bulk

from core.ids import new_id, time_of
from search.documents import SCHEMA, MemberWords, PostWords
from search.engines.base import (
    AUTHOR_WEIGHT,
    BIO_WEIGHT,
    FOLLOWERS_FACTOR,
    HANDLE_ITSELF,
    HANDLE_WEIGHT,
    LIKE_IT,
    NAME_WEIGHT,
    RECENCY_DAYS,
    WORDS_WEIGHT,
    After,
    EngineDown,
    Hit,
    MemberRow,
    PostRow,
    digest,
)
from search.reader import Reader
from search.words import Query

log = logging.getLogger("kith.search")

POSTS, MEMBERS = "posts", "members"
DOCUMENTS: dict[str, Any] = {POSTS: PostWords, MEMBERS: MemberWords}
BULK_TIMEOUT = 10
"""Seconds that a job may wait; a page waits settings.ELASTICSEARCH_TIMEOUT."""
REST_SECONDS = 10
KEYS = {POSTS: "post_id", MEMBERS: "member_id"}
EVERYONE = 0
"""The audience of what everyone may find: no account has this id."""
HITS_AT_ONCE = 500
DIGESTS = 5_000


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
        rows: Mapping[int, PostRow] | Mapping[int, MemberRow],
        versions: Mapping[int, int],
        index: str | None = None,
    ) -> None:
        """Store the rows of `versions` and forget those that have none. What is newer there already stays.

        Raises EngineDown, also when an index is gone: a write never makes one. What is refused for its own sake is
        logged and left out.
        """
        with self.breaker.asking():
            names = [index] if index else list(self._patient.indices.get_alias(name=self._writers(kind)))
            actions = (
                self._action(_writer(name), object_id, rows.get(object_id), version)
                for name in names
                for object_id, version in versions.items()
            )
            for worked, result in streaming_bulk(
                self._patient,
                actions,
                chunk_size=1000,
                raise_on_error=False,
                raise_on_exception=True,
                require_alias=True,
            ):
                outcome = next(iter(result.values()))
                status, error = outcome.get("status", 500), outcome.get("error") or {}
                if status == 429 or status >= 500 or error.get("type") == "index_not_found_exception":
                    raise EngineDown(f"told {status} for {outcome.get('_id')}: {error.get('reason')}")
                if not worked and status not in (404, 409):
                    log.error("Elasticsearch refuses %s: %s", outcome.get("_id"), error)

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
                    "author_id": row.author_id,
                    "audience": row.audience or EVERYONE,
                    "brevity": row.brevity,
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
        return action | {"_op_type": "index", "_source": source | {"digest": digest(row)}}

    def digests(self, kind: str, after: int, up_to: int, index: str | None = None) -> dict[int, str]:
        """What is stored (search.engines.base.digest) under the ids above `after`, up to `up_to`. Raises EngineDown."""
        key = KEYS[kind]
        found: dict[int, str] = {}
        with self.breaker.asking():
            while True:
                answer = self._patient.search(
                    index=index or self._alias(kind),
                    query={"range": {key: {"gt": after, "lte": up_to}}},
                    sort=[{key: {"order": "asc"}}],
                    docvalue_fields=[{"field": "digest"}],
                    source=False,
                    size=DIGESTS,
                )
                hits = answer["hits"]["hits"]
                found |= {hit["sort"][0]: (hit.get("fields") or {}).get("digest", [""])[0] for hit in hits}
                if len(hits) < DIGESTS:
                    return found
                after = hits[-1]["sort"][0]

    # --- Rebuilding without downtime ---------------------------------------------------------------------------

    def is_built(self) -> bool:
        """Whether there is an index to search. Raises EngineDown."""
        with self.breaker.asking():
            return all(self._client.indices.exists_alias(name=self._alias(kind)) for kind in DOCUMENTS)

    def begin_rebuild(self, kind: str) -> str:
        """Make an empty index, which from now on is told of changes as well. Returns its name.

        For the one builder there is (search.actions.rebuilding): whatever another one has left behind is dropped.
        """
        name = f"{self._alias(kind)}-{new_id()}"
        with self.breaker.asking():
            for index in set(self._indices(kind)) - set(self._serving(kind)):
                self._patient.indices.delete(index=index, ignore_unavailable=True)
            new = DOCUMENTS[kind]._index.clone(name=name)
            new.aliases(**{self._writers(kind): {}, _writer(name): {}})
            new.create(using=self._patient)
        return name

    def finish_rebuild(self, kind: str, name: str) -> None:
        """Let the new index answer, in one step, and drop every other of its kind."""
        with self.breaker.asking():
            older = [index for index in self._indices(kind) if index != name]
            self._patient.indices.update_aliases(
                actions=[
                    {"add": {"index": name, "alias": self._alias(kind)}},
                    *({"remove_index": {"index": index}} for index in older),
                ]
            )

    def clear(self) -> None:
        with self.breaker.asking():
            for kind in DOCUMENTS:
                for index in self._indices(kind):
                    self._patient.indices.delete(index=index)

    def refresh(self, index: str | None = None) -> None:
        """Let what was told be found at once; by itself that takes a second."""
        with self.breaker.asking():
            for name in [index] if index else [self._alias(kind) for kind in DOCUMENTS]:
                self._patient.indices.refresh(index=name)

    def _indices(self, kind: str) -> list[str]:
        """All of this kind, of this schema and others."""
        ours = re.compile(rf"{re.escape(f'{self._prefix}-{kind}')}(-v\d+)?-\d+")
        found = self._patient.indices.get(index=f"{self._prefix}-{kind}-*", allow_no_indices=True)
        return [index for index in found if ours.fullmatch(index)]

    def _serving(self, kind: str) -> list[str]:
        try:
            return list(self._patient.indices.get_alias(name=self._alias(kind)))
        except NotFoundError:
            return []

    def _alias(self, kind: str) -> str:
        return f"{self._prefix}-{kind}-v{SCHEMA}"

    def _writers(self, kind: str) -> str:
        return f"{self._alias(kind)}-writers"

    # --- Finding ---------------------------------------------------------------------------------------------

    def search_posts(self, query: Query, reader: Reader, *, after: After, size: int) -> Iterator[Hit]:
        if not query:
            return iter(())
        wanted = _all_of(query, {"words": WORDS_WEIGHT, "author_words": AUTHOR_WEIGHT})
        wanted["filter"] = [
            {"range": {"post_id": {"lte": after.ceiling}}},
            {"terms": {"audience": [EVERYONE, *reader.private_authors]}},
        ]
        if query.authors:
            wanted["filter"].append({"terms": {"author_words": list(query.authors)}})
        if reader.hidden_authors:
            wanted["must_not"] = [{"terms": {"author_id": reader.hidden_authors}}]
        short = {"field_value_factor": {"field": "brevity", "missing": 1}}
        recency = {
            "gauss": {
                "created_at": {"origin": time_of(after.ceiling), "scale": f"{RECENCY_DAYS}d", "decay": 0.5}
            }
        }
        return self._find(POSTS, wanted, short, recency, after, size)

    def search_members(self, query: Query, reader: Reader, *, after: After, size: int) -> Iterator[Hit]:
        if not query:
            return iter(())
        fields = {"handle_words": HANDLE_WEIGHT, "name_words": NAME_WEIGHT, "bio_words": BIO_WEIGHT}
        wanted = _all_of(query, fields)
        if query.authors:
            wanted["filter"] = [{"terms": {"handle_words": list(query.authors)}}]
        if reader.hidden_members:
            wanted["must_not"] = [{"terms": {"member_id": reader.hidden_members}}]
        itself = {"filter": {"term": {"handle_words": f"@{query.handle}"}}, "weight": HANDLE_ITSELF}
        followers = {
            "field_value_factor": {"field": "followers", "modifier": "log1p", "missing": 0},
            "weight": FOLLOWERS_FACTOR,
        }
        return self._find(MEMBERS, wanted, itself, followers, after, size)

    def _find(
        self,
        kind: str,
        wanted: dict[str, Any],
        factor: dict[str, Any],
        advantage: dict[str, Any],
        after: After,
        size: int,
    ) -> Iterator[Hit]:
        """Relevance × `factor` × (1 + `advantage`), as the functions in search.engines.base compute it."""
        relevance = {
            "function_score": {"query": {"bool": wanted}, "functions": [factor], "boost_mode": "multiply"}
        }
        body: dict[str, Any] = {
            "query": {
                "function_score": {
                    "query": relevance,
                    "functions": [{"weight": 1}, advantage],
                    "score_mode": "sum",
                    "boost_mode": "multiply",
                }
            },
            "sort": [{"_score": "desc"}, {KEYS[kind]: "desc"}],
            "track_total_hits": False,
            "timeout": f"{int(settings.ELASTICSEARCH_TIMEOUT * 1000)}ms",
        }
        if after.id:
            body["search_after"] = [after.score, after.id]
        while True:
            search = (
                DOCUMENTS[kind].search(using=self._client, index=self._alias(kind)).update_from_dict(body)
            )
            with self.breaker.asking():
                answer = search.source(False)[:size].execute().to_dict()
            if answer["timed_out"]:
                raise EngineDown("only a part was searched in time")
            hits = [Hit(int(hit["sort"][1]), float(hit["sort"][0])) for hit in answer["hits"]["hits"]]
            yield from hits
            if len(hits) < size:
                return
            body["search_after"] = [hits[-1].score, hits[-1].id]
            size = min(size * 2, HITS_AT_ONCE)


def _all_of(query: Query, fields: Mapping[str, float]) -> dict[str, Any]:
    """All terms, each with the weight of the best field that has it, whatever else there is in the index."""
    groups = []
    for term in query.terms:
        ways = []
        for field, weight in fields.items():
            nearly: list[dict[str, Any]] = [{"terms": {field: list(term.alike)}}] if term.alike else []
            if term.prefix:
                nearly.append({"prefix": {field: term.typed}})
            ways.append({"constant_score": {"filter": {"term": {field: term.word}}, "boost": weight}})
            if nearly:
                like_it = {"filter": {"bool": {"should": nearly}}, "boost": weight * LIKE_IT}
                ways.append({"constant_score": like_it})
        groups.append({"dis_max": {"queries": ways}})
    return {"must": groups or [{"match_all": {}}]}


def _writer(index: str) -> str:
    """The alias by which this one index is written to: a write to it cannot make an index that is gone."""
    return f"{index}-writer"


@cache
def engine_at(url: str, prefix: str) -> ElasticEngine:
    """One engine for each server, with its connections and its breaker."""
    return ElasticEngine(url, prefix)
