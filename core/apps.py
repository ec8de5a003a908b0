from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_migrate
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.converters import IdConverter

        register_converter(IdConverter, "id")
        pre_migrate.connect(_set_journal_mode, sender=self)


def _set_journal_mode(using: str, **kwargs: Any) -> None:
    from core.db import set_journal_mode

    set_journal_mode(using)
