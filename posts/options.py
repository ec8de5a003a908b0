"""What an author chooses for a post besides its text."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any, Self

from django.utils.translation import gettext as _

from core.refusals import Invalid
from core.text import clean, length
from posts.languages import language_code
from posts.models import CONTENT_WARNING_MAX, Post
from posts.polls import PollOptions

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


class Unchanged(Enum):
    """The default of an argument that leaves something as it is, where None means something else."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, kw_only=True, slots=True)
class PostOptions:
    """The fields are named as in the REST API and in the composer's form, and hold plain values, so that a draft can
    keep them as JSON. None stands for the default, which may depend on the author and on the post replied to.
    """

    visibility: str | None = None
    content_warning: str = ""
    sensitive: bool = False
    language: str | None = None
    """A BCP 47 tag, like "de" or "pt-BR"."""
    reply_policy: str | None = None
    quote_policy: str | None = None
    quote_of: int | None = None
    """The id of the post that it quotes."""
    poll: Mapping[str, Any] | None = None
    media: tuple[int, ...] = ()
    """The ids of attachments (media.models), in this order."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the options among the fields of a request, or of a stored draft. Missing and empty ones get their
        default.
        """
        names = {field.name for field in fields(cls)}
        chosen = {name: value for name, value in given.items() if name in names and value not in ("", None)}
        # Drafts keep ids as texts.
        if "media" in chosen:
            chosen["media"] = tuple(map(int, chosen["media"]))
        if "quote_of" in chosen:
            chosen["quote_of"] = int(chosen["quote_of"])
        return cls(**chosen)

    def checked(self) -> Self:
        """Return the options with cleaned texts. Raises Invalid, which names the field."""
        _check_choice(
            "visibility", self.visibility, Post.Visibility.values, _("Choose who can see the post.")
        )
        _check_choice("reply_policy", self.reply_policy, Post.ReplyPolicy.values, _("Choose who can reply."))
        _check_choice(
            "quote_policy", self.quote_policy, Post.QuotePolicy.values, _("Choose who can quote the post.")
        )
        if self.language is not None and not (
            _LANGUAGE.fullmatch(self.language) and language_code(self.language)
        ):
            sentence = _("Choose a language.")
            raise Invalid(sentence, fields={"language": [sentence]})
        values = asdict(self)
        values["content_warning"] = " ".join(clean(self.content_warning).split())
        if length(values["content_warning"]) > CONTENT_WARNING_MAX:
            sentence = _("A content warning can have up to %(max)s characters.") % {
                "max": CONTENT_WARNING_MAX
            }
            raise Invalid(sentence, fields={"content_warning": [sentence]})
        if self.poll is not None:
            values["poll"] = asdict(PollOptions.checked(self.poll))
        return type(self)(**values)

    def as_json(self) -> str:
        """Return the options in one spelling, to compare two requests."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostContent:
    """Everything that an author writes and chooses for one post of a thread."""

    text: str
    options: PostOptions = PostOptions()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the content among the fields of a request, or of a stored draft."""
        return cls(text=given.get("text") or "", options=PostOptions.of(given))

    def stored(self) -> dict[str, Any]:
        """Return the content as a draft keeps it: what was chosen, under the names of the REST API."""
        chosen = {
            name: value for name, value in asdict(self.options).items() if value not in (None, "", False)
        }
        if media := chosen.pop("media", ()):
            chosen["media"] = [str(pk) for pk in media]
        if "quote_of" in chosen:
            chosen["quote_of"] = str(chosen["quote_of"])
        return {"text": self.text, **chosen}


def _check_choice(field: str, chosen: str | None, choices: list[str], sentence: str) -> None:
    if chosen is not None and chosen not in choices:
        raise Invalid(sentence, fields={field: [sentence]})
