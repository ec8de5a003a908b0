"""Elasticsearch, through django-elasticsearch-dsl: used when ELASTICSEARCH_URL is set.

Each kind has an alias for searching (`kith-posts-v2`) and one that names the indexes to write to
(`kith-posts-v2-writers`). During a rebuild these are two: the old one in use, and the new one that is being filled.
Each index also has an alias of its own for writing, so a write never creates an index.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from elastic_transport import ApiError, TransportError
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.dsl.connections import connections
from elasticsearch.helpers import streaming_bulk

from core.breaker import Breaker, Open
from core.ids import new_id, time_of
from search.analysis import Query
from search.documents import SCHEMA, MemberTerms, PostTerms
from search.engines.base import (
    AUTHOR_WEIGHT,
    BIO_WEIGHT,
    EXACT_USERNAME_FACTOR,
    FOLLOWERS_FACTOR,
    NAME_WEIGHT,
    PARTIAL_MATCH_FACTOR,
    RECENCY_DAYS,
    TEXT_WEIGHT,
    USERNAME_WEIGHT,
    EngineDown,
    Hit,
    Indexed,
    IndexedMember,
    IndexedPost,
    SearchAfter,
    digest,
)
from search.scope import SearchScope

log = logging.getLogger("kith.search")

POSTS, MEMBERS = "posts", "members"
DOCUMENTS: dict[str, Any] = {POSTS: PostTerms, MEMBERS: MemberTerms}
BULK_TIMEOUT = 10
"""Seconds that a job waits for an answer. A page waits settings.ELASTICSEARCH_TIMEOUT."""
BACKOFF_SECONDS = 10
KEYS = {POSTS: "post_id", MEMBERS: "member_id"}
EVERYONE = 0
"""The audience of what everyone can find: no account has this id."""
MAX_HITS_PER_REQUEST = 500
DIGESTS_PER_REQUEST = 5_000


class ElasticEngine:
    name = "elasticsearch"

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self.breaker = Breaker("Elasticsearch", faults=(TransportError, ApiError), pause=BACKOFF_SECONDS)
        self._client: Elasticsearch = connections.create_connection(
            alias=f"{prefix} {url}",
            **(settings.ELASTICSEARCH_DSL["default"] | {"hosts": url}),
            request_timeout=settings.ELASTICSEARCH_TIMEOUT,
            max_retries=0,
            retry_on_timeout=False,
        )
        self._patient = self._client.options(request_timeout=BULK_TIMEOUT)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Send a request inside this block. Raise EngineDown if the server doesn’t answer, or recently didn’t."""
        refused: BadRequestError | None = None
        try:
            with self.breaker.guard():
                try:
                    yield
                except BadRequestError as fault:
                    # The server works; it only refuses this request, which says nothing about the next one.
                    refused = fault
        except (Open, TransportError, ApiError) as fault:
            raise EngineDown(str(fault)) from fault
        if refused is not None:
            log.error("Elasticsearch refuses a request: %s", refused)
            raise EngineDown(str(refused)) from refused

    # --- Indexing ---------------------------------------------------------------------------------------------

    def index(self, kind: str, indexed: Sequence[Indexed]) -> None:
        objects: dict[int, Any] = {one.id: one for one in indexed}
        self.write(kind, objects, dict.fromkeys(objects, new_id()))

    def remove(self, kind: str, ids: Sequence[int]) -> None:
        self.write(kind, {}, dict.fromkeys(ids, new_id()))

    def write(
        self,
        kind: str,
        objects: Mapping[int, Indexed],
        versions: Mapping[int, int],
        index: str | None = None,
    ) -> None:
        """Store these objects, and delete the ids of `versions` that have none. What is newer in the index stays.

        Raise EngineDown, also when an index is missing: a write never creates one. What the server refuses for its
        own sake is logged and left out.
        """
        with self._asking():
            names = [index] if index else list(self._patient.indices.get_alias(name=self._writers(kind)))
            actions = (
                self._action(_writer(name), object_id, objects.get(object_id), version)
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
                    raise EngineDown(f"got {status} for {outcome.get('_id')}: {error.get('reason')}")
                if not worked and status not in (404, 409):
                    log.error("Elasticsearch refuses %s: %s", outcome.get("_id"), error)

    @staticmethod
    def _action(index: str, object_id: int, one: Indexed | None, version: int) -> dict[str, Any]:
        action: dict[str, Any] = {
            "_index": index,
            "_id": str(object_id),
            "version": version,
            "version_type": "external_gte",
        }
        match one:
            case None:
                return action | {"_op_type": "delete"}
            case IndexedPost():
                source: dict[str, Any] = {
                    "words": one.terms,
                    "author_words": one.author_terms,
                    "post_id": one.id,
                    "author_id": one.author_id,
                    "audience": one.audience or EVERYONE,
                    "brevity": one.brevity,
                    "created_at": time_of(one.id),
                }
            case IndexedMember():
                source = {
                    "handle_words": one.username_terms,
                    "name_words": one.name_terms,
                    "bio_words": one.bio_terms,
                    "member_id": one.id,
                    "followers": one.followers,
                }
        return action | {"_op_type": "index", "_source": source | {"digest": digest(one)}}

    def digests(self, kind: str, after: int, up_to: int, index: str | None = None) -> dict[int, str]:
        """Return the digests (search.engines.base) of the ids above `after`, up to `up_to`. Raise EngineDown."""
        key = KEYS[kind]
        found: dict[int, str] = {}
        with self._asking():
            while True:
                answer = self._patient.search(
                    index=index or self._alias(kind),
                    query={"range": {key: {"gt": after, "lte": up_to}}},
                    sort=[{key: {"order": "asc"}}],
                    docvalue_fields=[{"field": "digest"}],
                    source=False,
                    size=DIGESTS_PER_REQUEST,
                )
                hits = answer["hits"]["hits"]
                found |= {hit["sort"][0]: (hit.get("fields") or {}).get("digest", [""])[0] for hit in hits}
                if len(hits) < DIGESTS_PER_REQUEST:
                    return found
                after = hits[-1]["sort"][0]

    # --- Rebuilding without downtime ---------------------------------------------------------------------------

    def is_built(self) -> bool:
        """Whether there is an index to search. Raise EngineDown."""
        with self._asking():
            return all(self._client.indices.exists_alias(name=self._alias(kind)) for kind in DOCUMENTS)

    def begin_rebuild(self, kind: str) -> str:
        """Create an empty index, which from now on gets all writes as well. Return its name.

        Only one process rebuilds at a time (search.actions.rebuilding), so what another one left behind is deleted.
        """
        name = f"{self._alias(kind)}-{new_id()}"
        with self._asking():
            for index in set(self._indices(kind)) - set(self._serving(kind)):
                self._patient.indices.delete(index=index, ignore_unavailable=True)
            new = DOCUMENTS[kind]._index.clone(name=name)
            new.aliases(**{self._writers(kind): {}, _writer(name): {}})
            new.create(using=self._patient)
        return name

    def finish_rebuild(self, kind: str, name: str) -> None:
        """Switch searches to the new index in one step, and delete the others of its kind."""
        with self._asking():
            older = [index for index in self._indices(kind) if index != name]
            self._patient.indices.update_aliases(
                actions=[
                    {"add": {"index": name, "alias": self._alias(kind)}},
                    *({"remove_index": {"index": index}} for index in older),
                ]
            )

    def clear(self) -> None:
        with self._asking():
            for kind in DOCUMENTS:
                for index in self._indices(kind):
                    self._patient.indices.delete(index=index)

    def refresh(self, index: str | None = None) -> None:
        """Make writes searchable at once; otherwise that takes a second."""
        with self._asking():
            for name in [index] if index else [self._alias(kind) for kind in DOCUMENTS]:
                self._patient.indices.refresh(index=name)

    def _indices(self, kind: str) -> list[str]:
        """Return all indexes of this kind, whatever their schema."""
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

    # --- Searching ---------------------------------------------------------------------------------------------

    def search_posts(
        self, query: Query, scope: SearchScope, *, after: SearchAfter, size: int
    ) -> Iterator[Hit]:
        if not query:
            return iter(())
        wanted = _all_of(query, {"words": TEXT_WEIGHT, "author_words": AUTHOR_WEIGHT})
        wanted["filter"] = [
            {"range": {"post_id": {"lte": after.ceiling}}},
            {"terms": {"audience": [EVERYONE, *scope.limited_authors]}},
        ]
        if query.authors:
            wanted["filter"].append({"terms": {"author_words": list(query.authors)}})
        if scope.hidden_authors:
            wanted["must_not"] = [{"terms": {"author_id": scope.hidden_authors}}]
        short = {"field_value_factor": {"field": "brevity", "missing": 1}}
        recency = {
            "gauss": {
                "created_at": {"origin": time_of(after.ceiling), "scale": f"{RECENCY_DAYS}d", "decay": 0.5}
            }
        }
        return self._find(POSTS, wanted, short, recency, after, size)

    def search_members(
        self, query: Query, scope: SearchScope, *, after: SearchAfter, size: int
    ) -> Iterator[Hit]:
        if not query:
            return iter(())
        fields = {"handle_words": USERNAME_WEIGHT, "name_words": NAME_WEIGHT, "bio_words": BIO_WEIGHT}
        wanted = _all_of(query, fields)
        if query.authors:
            wanted["filter"] = [{"terms": {"handle_words": list(query.authors)}}]
        if scope.hidden_members:
            wanted["must_not"] = [{"terms": {"member_id": scope.hidden_members}}]
        exact = {"filter": {"term": {"handle_words": f"@{query.username}"}}, "weight": EXACT_USERNAME_FACTOR}
        followers = {
            "field_value_factor": {"field": "followers", "modifier": "log1p", "missing": 0},
            "weight": FOLLOWERS_FACTOR,
        }
        return self._find(MEMBERS, wanted, exact, followers, after, size)

    def _find(
        self,
        kind: str,
        wanted: dict[str, Any],
        factor: dict[str, Any],
        advantage: dict[str, Any],
        after: SearchAfter,
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
            with self._asking():
                answer = search.source(False)[:size].execute().to_dict()
            if answer["timed_out"]:
                raise EngineDown("only a part was searched in time")
            hits = [Hit(int(hit["sort"][1]), float(hit["sort"][0])) for hit in answer["hits"]["hits"]]
            yield from hits
            if len(hits) < size:
                return
            body["search_after"] = [hits[-1].score, hits[-1].id]
            size = min(size * 2, MAX_HITS_PER_REQUEST)


def _all_of(query: Query, fields: Mapping[str, float]) -> dict[str, Any]:
    """Match all terms, each with the weight of the best field that has it, whatever else is in the index."""
    groups = []
    for term in query.terms:
        options = []
        for field, weight in fields.items():
            partial: list[dict[str, Any]] = []
            if term.corrections:
                partial.append({"terms": {field: list(term.corrections)}})
            if term.prefix:
                partial.append({"prefix": {field: term.typed}})
            options.append({"constant_score": {"filter": {"term": {field: term.term}}, "boost": weight}})
            if partial:
                boost = weight * PARTIAL_MATCH_FACTOR
                options.append({"constant_score": {"filter": {"bool": {"should": partial}}, "boost": boost}})
        groups.append({"dis_max": {"queries": options}})
    return {"must": groups or [{"match_all": {}}]}


def _writer(index: str) -> str:
    """Return the alias for writing to this one index: a write to it can’t create an index that is gone."""
    return f"{index}-writer"


@cache
def engine_at(url: str, prefix: str) -> ElasticEngine:
    """Return the engine of a server, one in each process, with its connections and its circuit breaker."""
    return ElasticEngine(url, prefix)
