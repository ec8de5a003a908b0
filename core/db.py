"""Differences between the two databases, behind small functions."""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import (
    IntegrityError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    models,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper

_Row = TypeVar("_Row", bound=models.Model)

UNIQUE_VIOLATION = "23505"  # PostgreSQL's SQLSTATE


def insert_once(row: models.Model) -> bool:
    """Insert `row`. Return False if a unique constraint says that it exists already.

    The constraint decides, so that of any number of concurrent calls exactly one returns True.
    """
    return _saved(row, new=True)


def update_once(row: models.Model) -> bool:
    """Save changes of an existing row. Return False if a unique constraint is violated."""
    return _saved(row, new=False)


def _saved(row: models.Model, *, new: bool) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=new, force_update=not new)
    except IntegrityError as fault:
        # A violated foreign key or check, or a duplicate primary key, is an error, not "already there".
        if not _is_twin(fault, row):
            raise
        return False
    return True


def _is_twin(fault: IntegrityError, row: models.Model) -> bool:
    """Return whether a unique constraint was violated, by the error: the other row may have been deleted by now."""
    cause = fault.__cause__
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE"
    diagnosis = getattr(cause, "diag", None)
    return (
        getattr(cause, "sqlstate", "") == UNIQUE_VIOLATION
        and getattr(diagnosis, "constraint_name", "") != f"{row._meta.db_table}_pkey"
    )


def set_journal_mode(using: str) -> None:
    """Switch an SQLite database to a write-ahead log, so that readers and the writer don’t wait for each other."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")


def keep_database_open() -> None:
    """Keep one connection to SQLite open for as long as this process runs.

    The last connection to close deletes the files of the write-ahead log. On a disk that has become full they couldn’t
    be created again, and nothing could be read any more.
    """
    if connection.vendor == "sqlite":
        held = connection.copy()
        with held.cursor() as cursor:
            # A restored file may have another journal mode. On a full disk it stays as it is.
            with contextlib.suppress(OperationalError):
                cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("SELECT count(*) FROM sqlite_schema")
        _held_open.append(held)


_held_open: "list[BaseDatabaseWrapper]" = []


def close_broken_connection() -> None:
    """Close a broken connection, so that the next query gets a new one. For threads without Django’s requests."""
    if not connection.in_atomic_block:
        close_old_connections()


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def begins_with(column: str, prefix: str) -> models.Q:
    """Return the condition that a text column begins with `prefix`, in this case. Both databases read it from the
    index of a unique column.
    """
    if is_postgres():
        return models.Q(**{f"{column}__startswith": prefix})
    # SQLite's LIKE, which ignores case, reads the whole table.
    return models.Q(**{f"{column}__gte": prefix, f"{column}__lt": f"{prefix}\U0010ffff"})


def delete_some(rows: "models.QuerySet[Any]", at_most: int = 500) -> int:
    """Delete a batch of these rows. Return how many were deleted."""
    model = rows.model
    with transaction.atomic():
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:at_most])
        if keys:
            model._base_manager.filter(pk__in=keys).delete()
    return len(keys)


def in_chunks(rows: "models.QuerySet[_Row]", size: int = 500) -> "Iterator[list[_Row]]":
    """Yield all of these rows in the order of their keys, a list at a time. No cursor stays open between two lists,
    and only one is in memory.
    """
    rows = rows.order_by("pk")
    chunk = list(rows[:size])
    while chunk:
        yield chunk
        if len(chunk) < size:
            return
        chunk = list(rows.filter(pk__gt=chunk[-1].pk)[:size])
