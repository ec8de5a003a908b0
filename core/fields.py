from typing import TYPE_CHECKING, Any

from django.db import models

from core.ids import new_id

if TYPE_CHECKING:
    _BigIntegerField = models.BigIntegerField[int, int]
else:
    _BigIntegerField = models.BigIntegerField


class SnowflakeField(_BigIntegerField):
    """A primary key that is generated before the insert (core.ids)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)
