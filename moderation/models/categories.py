from django.db import models
from django.utils.translation import gettext, gettext_noop


class Category(models.TextChoices):
    """What may be wrong with a post."""

    NONE = "none", "Nothing"
    SPAM = "spam", "Spam"
    HATE = "hate", "Hate"
    HARASSMENT = "harassment", "Harassment"
    VIOLENCE = "violence", "Violence"
    SEXUAL = "sexual", "Sexual content"
    SELF_HARM = "self_harm", "Self-harm"
    MISINFORMATION = "misinformation", "Misinformation"


CATEGORY_IN_SENTENCE: dict[str, str] = {
    Category.NONE: gettext_noop("nothing"),
    Category.SPAM: gettext_noop("spam"),
    Category.HATE: gettext_noop("hate"),
    Category.HARASSMENT: gettext_noop("harassment"),
    Category.VIOLENCE: gettext_noop("violence"),
    Category.SEXUAL: gettext_noop("sexual content"),
    Category.SELF_HARM: gettext_noop("self-harm"),
    Category.MISINFORMATION: gettext_noop("misinformation"),
}
"""What members read, marked for translation; the labels of the choices are for the admin."""


def category_choices() -> list[tuple[str, str]]:
    """Return the categories that a rule can have, with translated names."""
    return [
        (category, gettext(name))
        for category, name in CATEGORY_IN_SENTENCE.items()
        if category != Category.NONE
    ]
