"""What drf-spectacular can’t infer."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema

ERROR = {
    "type": "object",
    "required": ["error", "message", "trace_id"],
    "properties": {
        "error": {"type": "string", "description": "A word for programs."},
        "message": {"type": "string", "description": "A sentence for people."},
        "trace_id": {"type": "string", "description": "Tell it to the operator to find what happened."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "For bad input: what is wrong with which field.",
        },
    },
}
STATUSES = {
    "400": "The request could not be read, or has fields that are not known here.",
    "401": "Sign in first.",
    "403": "Not allowed.",
    "404": "Not there, or not for you.",
    "406": "This version or format is not spoken here.",
    "411": "Say how long the body is.",
    "413": "More than is taken at once.",
    "409": "No longer fits what is there now.",
    "415": "That kind of content is not taken.",
    "422": "Something about the input is wrong.",
    "429": "Too many requests; see Retry-After.",
}


class Schema(AutoSchema):
    """A method accepts what its `extend_schema(request=…)` says, and otherwise nothing (core.api uses this too)."""

    def get_request_serializer(self) -> Any:
        return None


def only_our_api(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/")]


def with_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the error response to every operation."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result.get("paths", {}).values():
        for operation in path.values():
            for status, description in STATUSES.items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
    return result


def without_unknown_fields(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Declare that inputs have no additional properties."""
    schemas = result.get("components", {}).get("schemas", {})
    for path in result.get("paths", {}).values():
        for operation in path.values():
            for name in _names_in(operation.get("requestBody"), schemas, set()):
                if "properties" in schemas[name]:
                    schemas[name]["additionalProperties"] = False
    return result


def _names_in(node: Any, schemas: dict[str, Any], seen: set[str]) -> Iterator[str]:
    """Return the components that this part of the document refers to, directly and indirectly."""
    if isinstance(node, dict):
        name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
        if name and name not in seen:
            seen.add(name)
            yield name
            yield from _names_in(schemas[name], schemas, seen)
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _names_in(part, schemas, seen)
