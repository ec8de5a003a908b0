"""What both databases do, behind small functions."""

from django.db import IntegrityError, connection, models, transaction


def insert_once(row: models.Model) -> bool:
    """Insert `row`; False when a unique constraint says that it is there already.

    The constraint decides, so that of any number at the same moment exactly one gets True.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # A broken foreign key or check is a fault, not "already there".
        if not _twin_exists(row):
            raise
        return False
    return True


def _twin_exists(row: models.Model) -> bool:
    manager = type(row)._base_manager
    for constraint in row._meta.total_unique_constraints:
        if manager.filter(
            **{name: getattr(row, name) for name in constraint.fields}
        ).exists():
            return True
    for field in row._meta.concrete_fields:
        if (
            field.unique
            and manager.filter(**{field.attname: getattr(row, field.attname)}).exists()
        ):
            return True
    return False


def is_postgres() -> bool:
    return connection.vendor == "postgresql"
