"""The index inside the database: always maintained, and used whenever no search server answers.

Documents with an audience have full-text indexes of their own, which a search of what everyone may see doesn’t touch:
neither what it finds nor how long it takes depends on them.
"""
# SQL is put together from constants of this file only; what someone typed is a parameter.
# ruff: noqa: S608

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from search.analysis import Query, is_correctable
from search.engines.base import (
    AUTHOR_WEIGHT,
    BIO_WEIGHT,
    CANDIDATES,
    NAME_WEIGHT,
    PARTIAL_MATCH_FACTOR,
    TEXT_WEIGHT,
    USERNAME_WEIGHT,
    Hit,
    Indexed,
    IndexedMember,
    IndexedPost,
    SearchAfter,
    hits_after,
    member_score,
    post_score,
)
from search.models import MemberDocument, PostDocument, VocabularyTerm
from search.scope import SearchScope

BATCH_SIZE = 500
_DOCUMENTS: dict[str, type[PostDocument] | type[MemberDocument]] = {
    "posts": PostDocument,
    "members": MemberDocument,
}
Sql = tuple[str, list[Any]]
"""A piece of SQL and its parameters."""
ALWAYS: Sql = ("TRUE", [])


class DatabaseEngine:
    """What SQLite and PostgreSQL have in common; each adds how it matches."""

    name = "database"

    # --- Indexing ----------------------------------------------------------------------------------------------

    def index(self, kind: str, indexed: Sequence[Indexed]) -> None:
        document: Any = _DOCUMENTS[kind]
        fields = [field.name for field in document._meta.fields if not field.primary_key]
        document.objects.bulk_create(
            [document(pk=one.id, **{field: getattr(one, field) for field in fields}) for one in indexed],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=fields,
            batch_size=BATCH_SIZE,
        )

    def remove(self, kind: str, ids: Sequence[int]) -> None:
        _DOCUMENTS[kind]._default_manager.filter(pk__in=ids).delete()

    def clear(self) -> None:
        for model in (PostDocument, MemberDocument, VocabularyTerm):
            model._default_manager.all().delete()

    def add_to_vocabulary(self, terms: Iterable[str]) -> None:
        """Let these terms be corrections of misspelled ones."""
        # Sorted, so that two writers never deadlock.
        new = sorted({term for term in terms if is_correctable(term)})
        VocabularyTerm.objects.bulk_create(
            [VocabularyTerm.of(term) for term in new], ignore_conflicts=True, batch_size=BATCH_SIZE
        )

    def unused_terms(self, terms: Iterable[str]) -> list[str]:
        """Return those of these terms that no document has that everyone can find."""
        return [
            term
            for term in terms
            if not self._is_any(self._posts(self._match_term(term)))
            and not self._is_any(self._members(self._match_term(term)))
        ]

    def analyze_tables(self) -> None:
        """Update the planner’s statistics after much was indexed."""

    def stored(self, kind: str, after: int, up_to: int) -> list[IndexedPost] | list[IndexedMember]:
        """Return what is stored under the ids above `after`, up to `up_to`. What documents don’t store is 0."""
        if kind == "posts":
            posts = PostDocument.objects.filter(pk__gt=after, pk__lte=up_to)
            return [
                IndexedPost(one.post_id, 0, one.audience, one.terms, one.author_terms, one.brevity)
                for one in posts
            ]
        members = MemberDocument.objects.filter(pk__gt=after, pk__lte=up_to)
        return [
            IndexedMember(one.member_id, one.username_terms, one.name_terms, one.bio_terms, followers=0)
            for one in members
        ]

    def inconsistent_ids(self, kind: str) -> set[int]:
        """Return the documents that are stored but missing from the full-text index, or the other way round."""
        return set()

    def refill_full_text(self, kind: str) -> None:
        """Fill the full-text index again from the documents."""

    # --- Searching ---------------------------------------------------------------------------------------------

    def search_posts(
        self, query: Query, scope: SearchScope, *, after: SearchAfter, size: int
    ) -> Iterator[Hit]:
        if not query:
            return iter(())
        found = self._newest_posts(query, scope, after.ceiling)
        hits = (Hit(post_id, post_score(relevance, post_id, after.ceiling)) for post_id, relevance in found)
        return iter(hits_after(hits, after))

    def search_members(
        self, query: Query, scope: SearchScope, *, after: SearchAfter, size: int
    ) -> Iterator[Hit]:
        if not query:
            return iter(())
        fields = {"handle_words": USERNAME_WEIGHT, "name_words": NAME_WEIGHT, "bio_words": BIO_WEIGHT}
        found, matched = self._members(self._match_all(query))
        relevance, weighed = self._relevance(query, fields)
        is_visible, asked = _is_in_scope(scope, "members", "d.member_id")
        rows = self._rows(
            f"SELECT d.member_id, {relevance} AS relevance, m.username, m.followers_count"
            f" FROM ({found}) AS found"
            " JOIN search_memberdocument d ON d.member_id = found.id JOIN accounts_member m ON m.id = found.id"
            f" WHERE {is_visible} ORDER BY relevance DESC, m.followers_count DESC, d.member_id DESC LIMIT {CANDIDATES}",
            [*weighed, *matched, *asked],
        )
        hits = (
            Hit(member_id, member_score(float(relevance), followers, is_exact=username == query.username))
            for member_id, relevance, username, followers in rows
        )
        return iter(hits_after(hits, after))

    def members_named(self, words: Sequence[str]) -> Sql:
        """Select the ids of some members whose name has words that begin with each of these."""
        found, matched = self._members(self._match_names(words))
        return f"SELECT id FROM ({found} LIMIT {CANDIDATES}) AS named", matched

    def has_post_with(self, term: str, scope: SearchScope) -> bool:
        """Whether a post in the scope has exactly this term."""
        is_visible = _is_in_scope(scope, "posts", "found.id")
        return any(
            self._is_any(source, is_visible) for source in self._sources(self._match_term(term), scope)
        )

    def has_member_with(self, term: str, scope: SearchScope) -> bool:
        return self._is_any(self._members(self._match_term(term)), _is_in_scope(scope, "members", "found.id"))

    def _newest_posts(self, query: Query, scope: SearchScope, ceiling: int) -> list[tuple[int, float]]:
        """Return the newest matching posts in the scope, with their relevance.

        The index covers nearly all rules of who may see what. Where only the database has the answer (the index is
        behind, or there is a block), older posts take the place of those it leaves out.
        """
        relevance, weighed = self._relevance(query, {"words": TEXT_WEIGHT, "author_words": AUTHOR_WEIGHT})
        is_visible, asked = _is_in_scope(scope, "posts", "d.post_id")
        sources = self._sources(self._match_all(query, author="author_words"), scope)
        found: list[tuple[int, float]] = []
        while True:
            newest, matched = self._newest(sources, ceiling)
            rows = self._rows(
                f"SELECT d.post_id, {relevance} * d.brevity, {is_visible}"
                f" FROM ({newest}) AS newest JOIN search_postdocument d ON d.post_id = newest.id"
                " ORDER BY d.post_id DESC",
                [*weighed, *asked, *matched],
            )
            found += [(post_id, weight) for post_id, weight, seen in rows if seen]
            if len(rows) < CANDIDATES or len(found) >= CANDIDATES:
                return found[:CANDIDATES]
            ceiling = rows[-1][0] - 1

    def _sources(self, match: str, scope: SearchScope) -> list[Sql]:
        """Return the sources of matching posts: public ones, and those of private accounts in the scope."""
        public = [self._posts(match)]
        return public + ([self._posts(match, scope.limited_authors)] if scope.limited_authors else [])

    def _newest(self, sources: list[Sql], ceiling: int) -> Sql:
        """Select the highest ids of all sources, none above `ceiling`."""
        order = f"ORDER BY 1 DESC LIMIT {CANDIDATES}"
        parts = [f"SELECT id FROM ({source} AND {self._POST} <= %s {order}) AS part" for source, _ in sources]
        parameters = [value for _, match in sources for value in (*match, ceiling)]
        return " UNION ALL ".join(parts) + (f" {order}" if len(parts) > 1 else ""), parameters

    def _is_any(self, source: Sql, condition: Sql = ALWAYS) -> bool:
        """Whether the source has an id that meets the condition."""
        found, parameters = source
        is_met, asked = condition
        one = f"SELECT 1 FROM ({found}) AS found WHERE {is_met} LIMIT 1"
        return bool(self._rows(one, [*parameters, *asked]))

    def _relevance(self, query: Query, fields: Mapping[str, float]) -> Sql:
        """Sum, for each term, the weight of the best field that has it (search.engines.base)."""
        parts: list[str] = []
        parameters: list[str] = []
        for term in query.terms:
            partial = [
                *(f" {other} " for other in term.corrections),
                *([f" {term.typed}"] if term.prefix else []),
            ]
            cases = [(weight, field, [f" {term.term} "]) for field, weight in fields.items()]
            cases += [
                (weight * PARTIAL_MATCH_FACTOR, field, partial) for field, weight in fields.items() if partial
            ]
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
    """The function that returns the position of one text in another."""

    def _posts(self, match: str, limited_authors: "Sequence[int] | None" = None) -> Sql:
        """Select the ids of matching documents: those that everyone can find, or those of these private authors."""
        raise NotImplementedError

    def _members(self, match: str) -> Sql:
        raise NotImplementedError

    def _match_all(self, query: Query, *, author: str = "") -> str:
        """Return the match expression for all terms and one of the authors, in the field `author` if it is named."""
        raise NotImplementedError

    def _match_term(self, term: str) -> str:
        """Return the match expression for exactly this term."""
        raise NotImplementedError

    def _match_names(self, words: Sequence[str]) -> str:
        """Return the match expression for these beginnings of words in the name of a member."""
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
    """The FTS5 tables, their columns, and the condition on their documents."""

    def inconsistent_ids(self, kind: str) -> set[int]:
        inconsistent = set()
        for table, _, condition in self._TABLES[kind]:
            documents = f"SELECT {_key(kind)} FROM {_table(kind)} WHERE {condition}"
            found = f"SELECT id FROM {table}_docsize"
            inconsistent |= {key for (key,) in self._rows(f"{documents} EXCEPT {found}", [])}
            inconsistent |= {key for (key,) in self._rows(f"{found} EXCEPT {documents}", [])}
        return inconsistent

    def refill_full_text(self, kind: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, columns, condition in self._TABLES[kind]:
                cursor.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
                cursor.execute(
                    f"INSERT INTO {table}(rowid, {columns}) SELECT {_key(kind)}, {columns}"
                    f" FROM {_table(kind)} WHERE {condition} ORDER BY 1"
                )

    def _posts(self, match: str, limited_authors: "Sequence[int] | None" = None) -> Sql:
        table = "search_post_fts"
        if limited_authors is not None:
            table = "search_private_post_fts"
            match = f"({match}) AND audience : ({' OR '.join(map(_quoted, map(str, limited_authors)))})"
        return f"SELECT rowid AS id FROM {table} WHERE {table} MATCH %s", [match]

    def _members(self, match: str) -> Sql:
        return "SELECT rowid AS id FROM search_member_fts WHERE search_member_fts MATCH %s", [match]

    def _match_all(self, query: Query, *, author: str = "") -> str:
        groups = [
            " OR ".join(
                [
                    *map(_quoted, (term.term, *term.corrections)),
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

    def _match_term(self, term: str) -> str:
        return _quoted(term)

    def _match_names(self, words: Sequence[str]) -> str:
        return f"name_words : ({' AND '.join(_quoted(word) + '*' for word in words)})"


class PostgresEngine(DatabaseEngine):
    """tsvector with GIN."""

    _POST, _POSITION = "post_id", "strpos"

    def analyze_tables(self) -> None:
        # Without statistics the planner believes that every term is as rare as any other, and scans the whole table.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_postdocument, search_memberdocument, search_word")

    def _posts(self, match: str, limited_authors: "Sequence[int] | None" = None) -> Sql:
        condition = "audience IS NULL"
        if limited_authors is not None:
            condition = "audience IS NOT NULL"
            match = f"({match}) & ({' | '.join(_lexeme(f'={author}') for author in limited_authors)})"
        return f"SELECT post_id AS id FROM search_postdocument WHERE vector @@ %s::tsquery AND {condition}", [
            match
        ]

    def _members(self, match: str) -> Sql:
        return "SELECT member_id AS id FROM search_memberdocument WHERE vector @@ %s::tsquery", [match]

    def _match_all(self, query: Query, *, author: str = "") -> str:
        groups = [
            " | ".join(
                [
                    *map(_lexeme, (term.term, *term.corrections)),
                    *([_lexeme(term.typed) + ":*"] if term.prefix else []),
                ]
            )
            for term in query.terms
        ]
        if query.authors:
            # B is the weight of a post's author_words.
            groups.append(" | ".join(_lexeme(name) + (":B" if author else "") for name in query.authors))
        return " & ".join(f"({group})" for group in groups)

    def _match_term(self, term: str) -> str:
        return _lexeme(term)

    def _match_names(self, words: Sequence[str]) -> str:
        # B is the weight of a member's name_words.
        return " & ".join(f"{_lexeme(word)}:*B" for word in words)


def _table(kind: str) -> str:
    return _DOCUMENTS[kind]._meta.db_table


def _key(kind: str) -> str:
    return str(_DOCUMENTS[kind]._meta.pk.column)


def _is_in_scope(scope: SearchScope, kind: str, column: str) -> Sql:
    """Return the condition that the object whose id is in `column` (of the outer query) is in the scope."""
    if (kind, column) not in scope.conditions:
        rows: QuerySet[Any] = getattr(scope, kind)
        in_scope = rows.filter(pk=RawSQL(column, ())).order_by().values("pk")  # noqa: S611
        sql, parameters = in_scope.query.sql_with_params()
        scope.conditions[kind, column] = f"EXISTS ({sql})", list(parameters)
    return scope.conditions[kind, column]


def _quoted(term: str) -> str:
    """Return a term as an FTS5 string, in which nothing is syntax."""
    return '"' + term.replace('"', '""') + '"'


def _lexeme(term: str) -> str:
    """Return a term as a tsquery lexeme, in which nothing is syntax."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
