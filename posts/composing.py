"""What the composer offers, and what was chosen in a form that comes back with an error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.text import mentions
from posts.models import Poll, Post

_REPLIES = {
    Post.ReplyPolicy.EVERYONE: _("Everyone can reply"),
    Post.ReplyPolicy.FOLLOWERS: _("Followers can reply"),
    Post.ReplyPolicy.MENTIONED: _("People you mention can reply"),
}
_QUOTES = {
    Post.QuotePolicy.EVERYONE: _("Everyone can quote"),
    Post.QuotePolicy.FOLLOWERS: _("Followers can quote"),
    Post.QuotePolicy.NOBODY: _("Nobody can quote"),
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_LENGTHS = [
    (5 * _MINUTE, _("5 minutes")),
    (30 * _MINUTE, _("30 minutes")),
    (_HOUR, _("1 hour")),
    (6 * _HOUR, _("6 hours")),
    (_DAY, _("1 day")),
    (3 * _DAY, _("3 days")),
    (7 * _DAY, _("7 days")),
    (30 * _DAY, _("30 days")),
]


@dataclass(frozen=True)
class Choice:
    value: str
    label: Any
    chosen: bool


@dataclass(frozen=True)
class Composer:
    """The choices of one form. `given` is what a refused form had, so that nothing is chosen twice."""

    parent: Post | None
    given: Mapping[str, Any]

    @property
    def visibilities(self) -> list[Choice]:
        """Return the visibilities to choose from: a reply is never more open than what it replies to."""
        values = Post.Visibility.values
        first = self.parent.visibility if self.parent else Post.Visibility.PUBLIC.value
        allowed = [choice for choice in Post.Visibility if values.index(choice) >= values.index(first)]
        return self._choices("visibility", [(each, each.label) for each in allowed], first)

    @property
    def reply_policies(self) -> list[Choice]:
        return self._choices("reply_policy", _REPLIES.items(), Post.ReplyPolicy.EVERYONE.value)

    @property
    def quote_policies(self) -> list[Choice]:
        return self._choices("quote_policy", _QUOTES.items(), Post.QuotePolicy.EVERYONE.value)

    @property
    def poll_options(self) -> list[str]:
        """Return the texts of all fields for options: those given, then empty ones."""
        texts = [text for text in self._all("poll_option") if text.strip()][: Poll.OPTIONS_MAX]
        return texts + [""] * (Poll.OPTIONS_MAX - len(texts))

    @property
    def poll_lengths(self) -> list[Choice]:
        chosen = str(self.given.get("poll_expires_in") or Poll.SECONDS_DEFAULT)
        return [Choice(str(seconds), label, str(seconds) == chosen) for seconds, label in _LENGTHS]

    @property
    def content_warning(self) -> str:
        return str(self.given.get("content_warning", ""))

    @property
    def sensitive(self) -> bool:
        return bool(self.given.get("sensitive"))

    def _all(self, name: str) -> list[str]:
        return self.given.getlist(name) if isinstance(self.given, QueryDict) else []

    def _choices(self, name: str, offered: Iterable[tuple[TextChoices, Any]], default: str) -> list[Choice]:
        chosen = self.given.get(name) or default
        return [Choice(value.value, label, value.value == chosen) for value, label in offered]


def composer_for(*, parent: Post | None = None, given: QueryDict | None = None) -> Composer:
    return Composer(parent=parent, given=given or {})


def names_to_mention(parent: Post, by: Member) -> str:
    """Return the text to begin a reply with: if only people who are mentioned can read the post, their names."""
    if parent.visibility != Post.Visibility.MENTIONED:
        return ""
    named = dict.fromkeys([parent.author.username, *mentions(parent.text)])
    return "".join(f"@{name} " for name in named if name != by.username)
