"""What both databases do, behind small functions."""

import sqlite3

from django.db import IntegrityError, connection, models, transaction

UNIQUE_VIOLATION = "23505"  # PostgreSQL's SQLSTATE


def insert_once(row: models.Model) -> bool:
    """Insert `row`; False when a unique constraint says that it is there already.

    The constraint decides, so that of any number at the same moment exactly one gets True.
    """
    return _saved(row, force_insert=True)


def update_once(row: models.Model) -> bool:
    """Write what is changed of a row that is there; False when a unique constraint says that another one has it."""
    return _saved(row, force_update=True)


def _saved(row: models.Model, **how: bool) -> bool:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError as fault:
        # A broken foreign key or check is a fault, not "already there"; and so is a primary key drawn twice.
        if not _is_twin(fault, row):
            raise
        return False
    return True


def _is_twin(fault: IntegrityError, row: models.Model) -> bool:
    """Whether a unique constraint said no. Asked of the fault, not of the table: the twin may be gone again by now."""
    cause = fault.__cause__
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE"
    diagnosis = getattr(cause, "diag", None)
    return (
        getattr(cause, "sqlstate", "") == UNIQUE_VIOLATION
        and getattr(diagnosis, "constraint_name", "") != f"{row._meta.db_table}_pkey"
    )


def is_postgres() -> bool:
    return connection.vendor == "postgresql"
