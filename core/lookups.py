"""Lookups for numbers that are too large for any column. Django handles those of `=` and `<` on a number, but not in
lists of numbers and in relations, where the database would raise an error.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import IntegerField
from django.db.models.fields.related import ForeignObject
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In


def _fits(lookup: Any, connection: Any, value: Any) -> bool:
    field = lookup.lhs.output_field
    while field.is_relation:
        field = field.target_field
    if not isinstance(value, int) or not isinstance(field, IntegerField):
        return True
    lowest, highest = connection.ops.integer_field_range(field.get_internal_type())
    return (lowest is None or lowest <= value) and (highest is None or value <= highest)


class _FittingIn:
    rhs: Any

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():  # type: ignore[attr-defined]
            self.rhs = [value for value in self.rhs if _fits(self, connection, value)]
        return super().process_rhs(compiler, connection)  # type: ignore[misc]


class IntegerIn(_FittingIn, In):
    pass


class FittingRelatedIn(_FittingIn, RelatedIn):
    pass


class FittingRelatedExact(RelatedExact):
    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value() and not _fits(self, connection, self.rhs):
            raise EmptyResultSet
        return super().process_rhs(compiler, connection)


def register() -> None:
    IntegerField.register_lookup(IntegerIn)
    ForeignObject.register_lookup(FittingRelatedIn)
    ForeignObject.register_lookup(FittingRelatedExact)
