from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_migrate
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import lookups
        from core.converters import IdConverter

        register_converter(IdConverter, "id")
        lookups.register()
        pre_migrate.connect(_prepare_database, sender=self)


def _prepare_database(using: str, **kwargs: Any) -> None:
    from core.db import set_journal_mode
    from core.private_files import keep_private

    set_journal_mode(using)
    keep_private()
