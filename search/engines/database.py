"""The index inside the database: always kept, answering whenever no search server does.

What only some may find (PostDocument.audience) is in an index of its own, which a search of what everyone may see
does not touch: neither what it finds nor how long it takes depends on that.
"""
# SQL is put together from constants of this file alone; whatever somebody typed is a parameter.
# ruff: noqa: S608

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from search.engines.base import (
    AUTHOR_WEIGHT,
    BIO_WEIGHT,
    CANDIDATES,
    HANDLE_WEIGHT,
    LIKE_IT,
    NAME_WEIGHT,
    WORDS_WEIGHT,
    After,
    Hit,
    MemberRow,
    PostRow,
    hits_after,
    member_score,
    post_score,
)
from search.models import MemberDocument, PostDocument, Word
from search.reader import Reader
from search.words import Query, is_spelled

BATCH = 500
_DOCUMENTS = {"posts": "search_postdocument", "members": "search_memberdocument"}
_KEYS = {"posts": "post_id", "members": "member_id"}
Sql = tuple[str, list[Any]]
"""A piece of SQL and its parameters."""
EVER: Sql = ("TRUE", [])


class DatabaseEngine:
    """What SQLite and PostgreSQL have in common; each adds how it matches."""

    name = "database"

    # --- Keeping ---------------------------------------------------------------------------------------------

    def index_posts(self, rows: Sequence[PostRow]) -> None:
        PostDocument.objects.bulk_create(
            [
                PostDocument(
                    post_id=r.id,
                    audience=r.audience,
                    words=r.words,
                    author_words=r.author_words,
                    brevity=r.brevity,
                )
                for r in rows
            ],
            update_conflicts=True,
            unique_fields=["post"],
            update_fields=["audience", "words", "author_words", "brevity"],
            batch_size=BATCH,
        )

    def remove_posts(self, ids: Sequence[int]) -> None:
        PostDocument.objects.filter(pk__in=ids).delete()

    def index_members(self, rows: Sequence[MemberRow]) -> None:
        MemberDocument.objects.bulk_create(
            [
                MemberDocument(
                    member_id=r.id,
                    handle_words=r.handle_words,
                    name_words=r.name_words,
                    bio_words=r.bio_words,
                )
                for r in rows
            ],
            update_conflicts=True,
            unique_fields=["member"],
            update_fields=["handle_words", "name_words", "bio_words"],
            batch_size=BATCH,
        )

    def remove_members(self, ids: Sequence[int]) -> None:
        MemberDocument.objects.filter(pk__in=ids).delete()

    def clear(self) -> None:
        for model in (PostDocument, MemberDocument, Word):
            model.objects.all().delete()

    def learn(self, words: Iterable[str]) -> None:
        """Let these words be what a misspelled one may have meant."""
        # In order, so that two writers never wait for each other in a circle.
        new = sorted({word for word in words if is_spelled(word)})
        Word.objects.bulk_create([Word.of(word) for word in new], ignore_conflicts=True, batch_size=BATCH)

    def unused(self, words: Iterable[str]) -> list[str]:
        """Those of these words that stand in no document that everyone may find."""
        return [
            word
            for word in words
            if not self._is_any(self._posts(self._word(word)))
            and not self._is_any(self._members(self._word(word)))
        ]

    def settle(self) -> None:
        """What is good to do once after much was indexed."""

    def stored(self, kind: str, after: int, up_to: int) -> list[PostRow] | list[MemberRow]:
        """What is stored under the ids above `after`, up to `up_to`; what is in no document is 0 there."""
        if kind == "posts":
            posts = PostDocument.objects.filter(pk__gt=after, pk__lte=up_to)
            return [
                PostRow(row.post_id, 0, row.audience, row.words, row.author_words, row.brevity)
                for row in posts
            ]
        members = MemberDocument.objects.filter(pk__gt=after, pk__lte=up_to)
        return [
            MemberRow(row.member_id, row.handle_words, row.name_words, row.bio_words, followers=0)
            for row in members
        ]

    def lost(self, kind: str) -> set[int]:
        """The documents that are stored but not found by their words, or the other way round."""
        return set()

    def refill(self, kind: str) -> None:
        """Make anew what documents are found by."""

    # --- Finding ---------------------------------------------------------------------------------------------

    def search_posts(self, query: Query, reader: Reader, *, after: After, size: int) -> Iterator[Hit]:
        if not query:
            return iter(())
        found = self._newest_posts(query, reader, after.ceiling)
        hits = (Hit(post_id, post_score(relevance, post_id, after.ceiling)) for post_id, relevance in found)
        return iter(hits_after(hits, after))

    def search_members(self, query: Query, reader: Reader, *, after: After, size: int) -> Iterator[Hit]:
        if not query:
            return iter(())
        fields = {"handle_words": HANDLE_WEIGHT, "name_words": NAME_WEIGHT, "bio_words": BIO_WEIGHT}
        found, matched = self._members(self._all_of(query))
        relevance, weighed = self._relevance(query, fields)
        is_seen, asked = _among(reader, "members", "d.member_id")
        rows = self._rows(
            f"SELECT d.member_id, {relevance} AS relevance, m.username, m.followers_count"
            f" FROM ({found}) AS found"
            " JOIN search_memberdocument d ON d.member_id = found.id JOIN accounts_member m ON m.id = found.id"
            f" WHERE {is_seen} ORDER BY relevance DESC, m.followers_count DESC, d.member_id DESC LIMIT {CANDIDATES}",
            [*weighed, *matched, *asked],
        )
        hits = (
            Hit(member_id, member_score(float(relevance), followers, is_itself=username == query.handle))
            for member_id, relevance, username, followers in rows
        )
        return iter(hits_after(hits, after))

    def has_post_with(self, word: str, reader: Reader) -> bool:
        """Whether a post that the reader may see has this very word."""
        is_seen = _among(reader, "posts", "found.id")
        return any(self._is_any(source, is_seen) for source in self._readable(self._word(word), reader))

    def has_member_with(self, word: str, reader: Reader) -> bool:
        return self._is_any(self._members(self._word(word)), _among(reader, "members", "found.id"))

    def _newest_posts(self, query: Query, reader: Reader, ceiling: int) -> list[tuple[int, float]]:
        """The newest posts that match and that the reader may see, with their relevance.

        The index says nearly all about who may see what. Where the database knows better (the index is behind, or
        there is a block), what it leaves out is made up for by the next ones.
        """
        relevance, weighed = self._relevance(query, {"words": WORDS_WEIGHT, "author_words": AUTHOR_WEIGHT})
        is_seen, asked = _among(reader, "posts", "d.post_id")
        sources = self._readable(self._all_of(query, author="author_words"), reader)
        found: list[tuple[int, float]] = []
        while True:
            newest, matched = self._newest(sources, ceiling)
            rows = self._rows(
                f"SELECT d.post_id, {relevance} * d.brevity, {is_seen}"
                f" FROM ({newest}) AS newest JOIN search_postdocument d ON d.post_id = newest.id"
                " ORDER BY d.post_id DESC",
                [*weighed, *asked, *matched],
            )
            found += [(post_id, weight) for post_id, weight, seen in rows if seen]
            if len(rows) < CANDIDATES or len(found) >= CANDIDATES:
                return found[:CANDIDATES]
            ceiling = rows[-1][0] - 1

    def _readable(self, match: str, reader: Reader) -> list[Sql]:
        """The posts that match, of those that the index lets the reader find."""
        public = [self._posts(match)]
        return public + ([self._posts(match, reader.private_authors)] if reader.private_authors else [])

    def _newest(self, sources: list[Sql], ceiling: int) -> Sql:
        """The highest ids of all sources, none above `ceiling`."""
        order = f"ORDER BY 1 DESC LIMIT {CANDIDATES}"
        parts = [f"SELECT id FROM ({source} AND {self._POST} <= %s {order}) AS part" for source, _ in sources]
        parameters = [value for _, match in sources for value in (*match, ceiling)]
        return " UNION ALL ".join(parts) + (f" {order}" if len(parts) > 1 else ""), parameters

    def _is_any(self, source: Sql, condition: Sql = EVER) -> bool:
        """Whether there is one that meets the condition."""
        found, parameters = source
        is_met, asked = condition
        one = f"SELECT 1 FROM ({found}) AS found WHERE {is_met} LIMIT 1"
        return bool(self._rows(one, [*parameters, *asked]))

    def _relevance(self, query: Query, fields: Mapping[str, float]) -> Sql:
        """For each term the weight of the best field that has it (search.engines.base)."""
        parts: list[str] = []
        parameters: list[str] = []
        for term in query.terms:
            nearly = [*(f" {word} " for word in term.alike), *([f" {term.typed}"] if term.prefix else [])]
            cases = [(weight, field, [f" {term.word} "]) for field, weight in fields.items()]
            cases += [(weight * LIKE_IT, field, nearly) for field, weight in fields.items() if nearly]
            best_first = sorted(cases, key=lambda case: -case[0])
            whens = []
            for weight, field, texts in best_first:
                has = f"{self._POSITION}(' ' || d.{field} || ' ', %s) > 0"
                whens.append(f"WHEN {' OR '.join([has] * len(texts))} THEN {weight}")
                parameters += texts
            parts.append(f"CASE {' '.join(whens)} ELSE 0 END")
        return f"({' + '.join(parts) or '1.0'})", parameters

    @staticmethod
    def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    # --- Of each database --------------------------------------------------------------------------------------

    _POST = ""
    """The column of `_posts` with the id."""
    _POSITION = ""
    """The function that says where a text stands in another."""

    def _posts(self, match: str, private_authors: "Sequence[int] | None" = None) -> Sql:
        """The ids of the documents that match: of those that everyone may find, or those of these authors."""
        raise NotImplementedError

    def _members(self, match: str) -> Sql:
        raise NotImplementedError

    def _all_of(self, query: Query, *, author: str = "") -> str:
        """What matches all terms, and one of the authors; in the field `author`, if it is named."""
        raise NotImplementedError

    def _word(self, word: str) -> str:
        """What matches this very word."""
        raise NotImplementedError


class SQLiteEngine(DatabaseEngine):
    """FTS5."""

    _POST, _POSITION = "rowid", "instr"
    _TABLES: Mapping[str, Sequence[tuple[str, str, str]]] = {
        "posts": [
            ("search_post_fts", "words, author_words", "audience IS NULL"),
            ("search_private_post_fts", "words, author_words, audience", "audience IS NOT NULL"),
        ],
        "members": [("search_member_fts", "handle_words, name_words, bio_words", "TRUE")],
    }
    """FTS5 tables, their columns, and which documents they are of."""

    def lost(self, kind: str) -> set[int]:
        lost = set()
        for table, _, whose in self._TABLES[kind]:
            documents = f"SELECT {_KEYS[kind]} FROM {_DOCUMENTS[kind]} WHERE {whose}"
            found = f"SELECT id FROM {table}_docsize"
            lost |= {key for (key,) in self._rows(f"{documents} EXCEPT {found}", [])}
            lost |= {key for (key,) in self._rows(f"{found} EXCEPT {documents}", [])}
        return lost

    def refill(self, kind: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, columns, whose in self._TABLES[kind]:
                cursor.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
                cursor.execute(
                    f"INSERT INTO {table}(rowid, {columns}) SELECT {_KEYS[kind]}, {columns}"
                    f" FROM {_DOCUMENTS[kind]} WHERE {whose} ORDER BY 1"
                )

    def _posts(self, match: str, private_authors: "Sequence[int] | None" = None) -> Sql:
        table = "search_post_fts"
        if private_authors is not None:
            table = "search_private_post_fts"
            match = f"({match}) AND audience : ({' OR '.join(map(_quoted, map(str, private_authors)))})"
        return f"SELECT rowid AS id FROM {table} WHERE {table} MATCH %s", [match]

    def _members(self, match: str) -> Sql:
        return "SELECT rowid AS id FROM search_member_fts WHERE search_member_fts MATCH %s", [match]

    def _all_of(self, query: Query, *, author: str = "") -> str:
        groups = [
            " OR ".join(
                [
                    *map(_quoted, (term.word, *term.alike)),
                    *([_quoted(term.typed) + "*"] if term.prefix else []),
                ]
            )
            for term in query.terms
        ]
        if query.authors:
            groups.append(
                " OR ".join((f"{author} : " if author else "") + _quoted(name) for name in query.authors)
            )
        return " AND ".join(f"({group})" for group in groups)

    def _word(self, word: str) -> str:
        return _quoted(word)


class PostgresEngine(DatabaseEngine):
    """tsvector with GIN."""

    _POST, _POSITION = "post_id", "strpos"

    def settle(self) -> None:
        # Without figures the planner believes every word to be as rare as any other, and reads the whole table.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_postdocument, search_memberdocument, search_word")

    def _posts(self, match: str, private_authors: "Sequence[int] | None" = None) -> Sql:
        whose = "audience IS NULL"
        if private_authors is not None:
            whose = "audience IS NOT NULL"
            match = f"({match}) & ({' | '.join(_lexeme(f'={author}') for author in private_authors)})"
        return f"SELECT post_id AS id FROM search_postdocument WHERE vector @@ %s::tsquery AND {whose}", [
            match
        ]

    def _members(self, match: str) -> Sql:
        return "SELECT member_id AS id FROM search_memberdocument WHERE vector @@ %s::tsquery", [match]

    def _all_of(self, query: Query, *, author: str = "") -> str:
        groups = [
            " | ".join(
                [
                    *map(_lexeme, (term.word, *term.alike)),
                    *([_lexeme(term.typed) + ":*"] if term.prefix else []),
                ]
            )
            for term in query.terms
        ]
        if query.authors:
            # B is the weight of a post's author_words.
            groups.append(" | ".join(_lexeme(name) + (":B" if author else "") for name in query.authors))
        return " & ".join(f"({group})" for group in groups)

    def _word(self, word: str) -> str:
        return _lexeme(word)


def _among(reader: Reader, kind: str, column: str) -> Sql:
    """That the row whose key is in `column` (of the query around it) is among the reader's posts, or members."""
    if (kind, column) not in reader.conditions:
        rows: QuerySet[Any] = getattr(reader, kind)
        mine = rows.filter(pk=RawSQL(column, ())).order_by().values("pk")  # noqa: S611
        sql, parameters = mine.query.sql_with_params()
        reader.conditions[kind, column] = f"EXISTS ({sql})", list(parameters)
    return reader.conditions[kind, column]


def _quoted(word: str) -> str:
    """A word as an FTS5 string: nothing in it is syntax."""
    return '"' + word.replace('"', '""') + '"'


def _lexeme(word: str) -> str:
    """A word as a tsquery lexeme: nothing in it is syntax."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
