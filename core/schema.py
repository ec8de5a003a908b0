"""What drf-spectacular cannot know by itself."""

from typing import Any

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
    "400": "The request could not be read.",
    "401": "Sign in first.",
    "403": "Not allowed.",
    "404": "Not there, or not for you.",
    "406": "This version or format is not spoken here.",
    "409": "No longer fits what is there now.",
    "415": "That kind of content is not taken.",
    "422": "Something about the input is wrong.",
    "429": "Too many requests; see Retry-After.",
}


def only_our_api(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/")]


def with_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Every operation may answer with an error of the one shape."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result.get("paths", {}).values():
        for operation in path.values():
            for status, description in STATUSES.items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
    return result
