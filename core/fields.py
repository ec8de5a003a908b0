from typing import Any

from django.db import models

from core.ids import new_id


class SnowflakeField(models.BigIntegerField):
    """A primary key made before the insert (core.ids)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)
