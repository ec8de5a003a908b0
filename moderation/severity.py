"""How urgent a case is: how much harm a late decision may do."""

from moderation.models import Category

SEVERITY: dict[str, int] = {
    Category.SELF_HARM: 90,
    Category.VIOLENCE: 80,
    Category.HATE: 70,
    Category.HARASSMENT: 70,
    "privacy": 70,
    Category.SEXUAL: 60,
    Category.MISINFORMATION: 40,
    Category.SPAM: 30,
}
"""By category or rule."""

UNKNOWN_SEVERITY = 30


def severity_of(category: str, *, suspected: bool = False) -> int:
    """Return the severity of a category or rule; half of it if it is only suspected."""
    whole = SEVERITY.get(category, UNKNOWN_SEVERITY)
    return whole // 2 if suspected else whole
