"""What the composer offers, and what was chosen in a form that comes back with an error."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.text import mentions
from media.actions import edit_attachment, upload_attachment
from media.models import Attachment
from media.queries import own_attachments
from media.uploads import check_received
from posts.languages import NAMES
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
    media: Sequence[Attachment] = ()

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
    def languages(self) -> list[Choice]:
        chosen = self.given.get("language", "")
        named = sorted(NAMES.items(), key=lambda item: item[1].casefold())
        return [Choice(code, name, code == chosen) for code, name in [("", _("Detect language")), *named]]

    @property
    def media_max(self) -> int:
        return int(settings.POST_MEDIA_MAX)

    @property
    def file_numbers(self) -> range:
        """Return a number for each file that can be added without scripts."""
        return range(1, self.media_max - len(self.media) + 1)

    @property
    def accepts(self) -> str:
        return "image/jpeg,image/png,image/webp,image/avif,image/gif,video/*,audio/*"

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


def composer_for(
    *, parent: Post | None = None, given: QueryDict | None = None, media: Sequence[Attachment] = ()
) -> Composer:
    return Composer(parent=parent, given=given or {}, media=media)


def file_fields() -> list[str]:
    """Return the names of the fields for files and their descriptions on the page without scripts."""
    numbers = range(1, settings.POST_MEDIA_MAX + 1)
    return ["media_alt", "media_removed"] + [f"{name}_{n}" for n in numbers for name in ("file", "file_alt")]


def receive_files(request: HttpRequest, *, ids: list[int], by: Member) -> None:
    """Save the descriptions of the attachments `ids` that the form has, and add the files that it uploads to `ids`.

    Raises Invalid for a file or description; `ids` then has what was uploaded before, so that it isn't lost.
    """
    check_received(request)
    given = request.POST
    files: MultiValueDict[str, Any] = request.FILES
    removed = set(given.getlist("media_removed"))
    ids[:] = [each for each in ids if str(each) not in removed]
    described = dict(zip(given.getlist("media"), given.getlist("media_alt"), strict=False))
    for attachment in own_attachments(by, ids):
        alt = described.get(str(attachment.id))
        # One that is attached already was sent twice: the first time it had this description.
        if alt is not None and alt != attachment.alt and not attachment.post_id:
            edit_attachment(attachment=attachment, by=by, alt=alt)
    for number in range(1, settings.POST_MEDIA_MAX + 1):
        file = files.get(f"file_{number}")
        if file is not None:
            made = upload_attachment(by=by, file=file, alt=given.get(f"file_alt_{number}", ""))
            ids.append(made.id)


def names_to_mention(parent: Post, by: Member) -> str:
    """Return the text to begin a reply with: if only people who are mentioned can read the post, their names."""
    if parent.visibility != Post.Visibility.MENTIONED:
        return ""
    named = dict.fromkeys([parent.author.username, *mentions(parent.text)])
    return "".join(f"@{name} " for name in named if name != by.username)
