"""What an author chooses for a poll, as it comes from the REST API, a form or a draft, and which choices are valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.refusals import Invalid
from core.text import clean_line, length
from posts.models import Poll


@dataclass(frozen=True, kw_only=True, slots=True)
class PollOptions:
    """The fields are named as in the REST API."""

    options: Sequence[str]
    multiple: bool = False
    expires_in: int = Poll.SECONDS_DEFAULT
    """Seconds until the poll ends."""
    hide_results: bool = False

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> "PollOptions":
        """Return the choices with cleaned texts. Raises Invalid for the field `poll`."""
        options = [clean_line(str(option)) for option in given.get("options") or ()]
        if not Poll.OPTIONS_MIN <= len(options) <= Poll.OPTIONS_MAX or not all(options):
            raise _invalid(
                _("A poll needs %(least)s to %(most)s options.")
                % {"least": Poll.OPTIONS_MIN, "most": Poll.OPTIONS_MAX}
            )
        if any(length(option) > Poll.OPTION_LENGTH_MAX for option in options):
            raise _invalid(
                _("An option can have up to %(most)s characters.") % {"most": Poll.OPTION_LENGTH_MAX}
            )
        if len({option.casefold() for option in options}) < len(options):
            raise _invalid(_("Two options are the same."))
        expires_in = given.get("expires_in") or Poll.SECONDS_DEFAULT
        if not Poll.SECONDS_MIN <= expires_in <= Poll.SECONDS_MAX:
            raise _invalid(_("A poll can last from 5 minutes to 30 days."))
        return cls(
            options=tuple(options),
            multiple=bool(given.get("multiple")),
            expires_in=expires_in,
            hide_results=bool(given.get("hide_results")),
        )

    @property
    def text(self) -> str:
        """The options as `Post.poll_text` keeps them."""
        return "\n".join(self.options)


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"poll": [sentence]})
