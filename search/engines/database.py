"""The index inside the database: always kept, answering whenever no search server does."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection

from core.ids import time_of
from search.engines.base import (
    CANDIDATES,
    After,
    Hit,
    MemberRow,
    PostRow,
    member_score,
    page_after,
    post_score,
)
from search.models import MemberDocument, PostDocument, Word
from search.words import Query, Term, distance, edits_allowed, is_spelled

SPELLINGS = 8
SPELLINGS_LOOKED_AT = 20_000
BATCH = 500


class DatabaseEngine:
    """What SQLite and PostgreSQL have in common; each adds how it matches and ranks."""

    name = "database"

    # --- Keeping ---------------------------------------------------------------------------------------------

    def index_posts(self, rows: Sequence[PostRow]) -> None:
        PostDocument.objects.bulk_create(
            [PostDocument(post_id=r.id, words=r.words, author_words=r.author_words) for r in rows],
            update_conflicts=True,
            unique_fields=["post"],
            update_fields=["words", "author_words"],
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
        Word.objects.bulk_create(
            [Word(word=word, size=len(word)) for word in new], ignore_conflicts=True, batch_size=BATCH
        )

    def unused(self, words: Iterable[str]) -> list[str]:
        """Those of these words that stand in no document."""
        queries = self._USES
        found = []
        with connection.cursor() as cursor:
            for word in words:
                used = False
                for query in queries:
                    cursor.execute(query, [self._one(word)])
                    used = used or cursor.fetchone() is not None
                if not used:
                    found.append(word)
        return found

    _USES: tuple[str, ...] = ()
    """Queries that find a document with a word."""

    @staticmethod
    def _one(word: str) -> str:
        """What finds this very word."""
        raise NotImplementedError

    def settle(self) -> None:
        """What is good to do once after much was indexed."""

    # --- Finding ---------------------------------------------------------------------------------------------

    def search_posts(self, query: Query, *, after: After, size: int, tolerant: bool = False) -> list[Hit]:
        if not query:
            return []
        now = time_of(after.ceiling)
        hits = [
            Hit(post_id, post_score(relevance, post_id, now))
            for post_id, relevance in self._matching_posts(query, after.ceiling, self._words(query, tolerant))
        ]
        return page_after(hits, after, size)

    def search_members(self, query: Query, *, after: After, size: int, tolerant: bool = False) -> list[Hit]:
        if not query:
            return []
        hits = [
            Hit(member_id, member_score(relevance, followers, is_itself=username == query.handle))
            for member_id, relevance, username, followers in self._matching_members(
                query, self._words(query, tolerant)
            )
        ]
        return page_after(hits, after, size)

    def _words(self, query: Query, tolerant: bool) -> list[tuple[Term, list[str]]]:
        """Each term with the words that will do in its place."""
        return [(term, [term.word, *(self._meant_by(term) if tolerant else ())]) for term in query.terms]

    def _meant_by(self, term: Term) -> list[str]:
        """The words in use that are nearest to a misspelled one."""
        mark = term.typed[0] if term.is_marked else ""
        typed = term.typed[len(mark) :].replace("_", "")
        allowed = edits_allowed(typed)
        if not allowed or not is_spelled(typed):
            return []
        for words in self._spelled_like(typed, allowed):
            near = [
                (edits, word)
                for word in set(words)
                if 0 < (edits := distance(typed, word, allowed)) <= allowed
            ]
            if near:
                return [mark + word for _, word in sorted(near)[:SPELLINGS]]
        return []

    def _spelled_like(self, typed: str, allowed: int) -> Iterator[Iterable[str]]:
        """Words that may be meant: of about this length and beginning with the same letter, or with the second (a
        letter too much, two swapped), or else ending alike.
        """
        sizes = range(max(len(typed) - allowed, 4), len(typed) + allowed + 1)
        words = Word.objects.filter(size__in=sizes).values_list("word", flat=True)
        for first in dict.fromkeys(typed[:2]):
            yield words.filter(word__startswith=first)[:SPELLINGS_LOOKED_AT]
        yield words.filter(word__endswith=typed[-3:])[:SPELLINGS_LOOKED_AT]

    def _matching_posts(
        self, query: Query, ceiling: int, words: list[tuple[Term, list[str]]]
    ) -> list[tuple[int, float]]:
        raise NotImplementedError

    def _matching_members(
        self, query: Query, words: list[tuple[Term, list[str]]]
    ) -> list[tuple[int, float, str, int]]:
        raise NotImplementedError


class SQLiteEngine(DatabaseEngine):
    """FTS5, weighed by bm25."""

    _USES = tuple(
        f"SELECT 1 FROM {table} WHERE {table} MATCH %s LIMIT 1"  # noqa: S608
        for table in ("search_post_fts", "search_member_fts")
    )

    @staticmethod
    def _one(word: str) -> str:
        return _quoted(word)

    def _matching_posts(
        self, query: Query, ceiling: int, words: list[tuple[Term, list[str]]]
    ) -> list[tuple[int, float]]:
        authors = " OR ".join(f"author_words : {_quoted(author)}" for author in query.authors)
        match = " AND ".join([*self._groups(words), *([f"({authors})"] if authors else [])])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rowid, -bm25(search_post_fts, 2.0, 1.0) FROM search_post_fts"
                " WHERE search_post_fts MATCH %s AND rowid <= %s ORDER BY rowid DESC LIMIT %s",
                [match, ceiling, CANDIDATES],
            )
            rows: list[tuple[int, float]] = cursor.fetchall()
            return rows

    def _matching_members(
        self, query: Query, words: list[tuple[Term, list[str]]]
    ) -> list[tuple[int, float, str, int]]:
        match = " AND ".join([*self._groups(words), *map(_quoted, query.authors)])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT f.rowid, -bm25(search_member_fts, 3.0, 2.0, 1.0) AS relevance, m.username, m.followers_count"
                " FROM search_member_fts f JOIN accounts_member m ON m.id = f.rowid"
                " WHERE search_member_fts MATCH %s ORDER BY relevance DESC LIMIT %s",
                [match, CANDIDATES],
            )
            rows: list[tuple[int, float, str, int]] = cursor.fetchall()
            return rows

    @staticmethod
    def _groups(words: list[tuple[Term, list[str]]]) -> list[str]:
        groups = []
        for term, instead in words:
            any_of = [_quoted(word) for word in instead]
            if term.prefix:
                any_of.append(_quoted(term.typed) + "*")
            groups.append(f"({' OR '.join(any_of)})")
        return groups


class PostgresEngine(DatabaseEngine):
    """tsvector with GIN, weighed by ts_rank; spelling by trigrams."""

    _USES = tuple(
        f"SELECT 1 FROM {table} WHERE vector @@ %s::tsquery LIMIT 1"  # noqa: S608
        for table in ("search_postdocument", "search_memberdocument")
    )

    @staticmethod
    def _one(word: str) -> str:
        return _lexeme(word)

    def settle(self) -> None:
        # Without figures the planner believes every word to be as rare as any other, and reads the whole table.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_postdocument, search_memberdocument, search_word")

    def _matching_posts(
        self, query: Query, ceiling: int, words: list[tuple[Term, list[str]]]
    ) -> list[tuple[int, float]]:
        authors = " | ".join(f"{_lexeme(author)}:B" for author in query.authors)
        match = " & ".join([*self._groups(words), *([f"({authors})"] if authors else [])])
        with connection.cursor() as cursor:
            # Flag 1 divides by the length of the document, as bm25 does. The author weighs less than half, because
            # ts_rank adds up what matches, and where a name does, the handle mostly does too.
            cursor.execute(
                "SELECT post_id, ts_rank('{0, 0, 0.3, 1}', vector, %s::tsquery, 1)"
                " + ts_rank('{0, 0, 0.3, 1}', vector, %s::tsquery, 1) FROM search_postdocument"
                " WHERE vector @@ %s::tsquery AND post_id <= %s ORDER BY post_id DESC LIMIT %s",
                [match, self._as_typed(query), match, ceiling, CANDIDATES],
            )
            rows: list[tuple[int, float]] = cursor.fetchall()
            return rows

    def _matching_members(
        self, query: Query, words: list[tuple[Term, list[str]]]
    ) -> list[tuple[int, float, str, int]]:
        match = " & ".join([*self._groups(words), *map(_lexeme, query.authors)])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.id, ts_rank('{0, 0.3, 0.6, 1}', d.vector, %s::tsquery, 1)"
                " + ts_rank('{0, 0.3, 0.6, 1}', d.vector, %s::tsquery, 1) AS relevance, m.username, m.followers_count"
                " FROM search_memberdocument d JOIN accounts_member m ON m.id = d.member_id"
                " WHERE d.vector @@ %s::tsquery ORDER BY relevance DESC LIMIT %s",
                [match, self._as_typed(query), match, CANDIDATES],
            )
            rows: list[tuple[int, float, str, int]] = cursor.fetchall()
            return rows

    def _spelled_like(self, typed: str, allowed: int) -> Iterator[Iterable[str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT word FROM search_word ORDER BY word <-> %s LIMIT 200", [typed])
            yield [word for (word,) in cursor.fetchall()]
        # A short word has few trigrams to be like another by, and in the C locale only ASCII has any.
        yield from super()._spelled_like(typed, allowed)

    @staticmethod
    def _as_typed(query: Query) -> str:
        """The whole words alone: who has them counts for more than who has words that begin like them."""
        return " | ".join(_lexeme(word) for word in (*(term.word for term in query.terms), *query.authors))

    @staticmethod
    def _groups(words: list[tuple[Term, list[str]]]) -> list[str]:
        groups = []
        for term, instead in words:
            any_of = [_lexeme(word) for word in instead]
            if term.prefix:
                any_of.append(_lexeme(term.typed) + ":*")
            groups.append(f"({' | '.join(any_of)})")
        return groups


def _quoted(word: str) -> str:
    """A word as an FTS5 string: nothing in it is syntax."""
    return '"' + word.replace('"', '""') + '"'


def _lexeme(word: str) -> str:
    """A word as a tsquery lexeme: nothing in it is syntax."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
