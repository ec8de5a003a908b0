from django.apps import AppConfig
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.converters import IdConverter

        register_converter(IdConverter, "id")
