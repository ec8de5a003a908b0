from collections.abc import Mapping
from typing import Any

from rest_framework.parsers import JSONParser

from core.limits import read_json


class BoundedJSONParser(JSONParser):
    """Parses JSON within the limits of core.limits."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return read_json(stream.read())
