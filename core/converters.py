from core.ids import MAX_ID


class IdConverter:
    """`<id:post_id>` in a path. What can’t be an id is 404."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_ID:
            raise ValueError
        return number

    def to_url(self, value: int) -> str:
        return str(value)
