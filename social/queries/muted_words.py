"""Muted words, matched against the text of posts and messages."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from accounts.models import Member
from core.words import Phrases
from social.models import MutedWord
from social.queries.mutes import active_muted_words

Place = Literal["home", "notifications", "threads", "search"]


class MuteAction(StrEnum):
    SHOW = "show"
    WARN = "warn"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class MuteVerdict:
    """What to do with a text in a place. `word` is the muted word as its owner wrote it."""

    action: MuteAction = MuteAction.SHOW
    word: str = ""


SHOWN = MuteVerdict()


@dataclass(slots=True)
class MutedWordMatcher:
    """A viewer's muted words, ready to be matched against texts."""

    viewer_id: int = 0
    words: list[MutedWord] = field(default_factory=list)
    _phrases: dict[str, Phrases[MutedWord]] = field(default_factory=dict)

    def verdict(self, text: str, author_id: int, place: Place | None) -> MuteVerdict:
        """Return what to do with a text in a place, or anywhere for None.

        Hiding wins over a warning. The viewer's own texts are always shown.
        """
        if not self.words or author_id == self.viewer_id:
            return SHOWN
        found = self._in(place).found_in(text)
        if not found:
            return SHOWN
        word = next((word for word in found if word.act == MutedWord.Action.HIDE), found[0])
        return MuteVerdict(MuteAction(word.act), word.text)

    def _in(self, place: Place | None) -> Phrases[MutedWord]:
        key = place or ""
        if key not in self._phrases:
            words = [word for word in self.words if place is None or place in word.places]
            self._phrases[key] = Phrases((word.folded, word) for word in words)
        return self._phrases[key]


def muted_word_matcher(viewer: Member) -> MutedWordMatcher:
    """Return the viewer's matcher, in one query."""
    return MutedWordMatcher(viewer.pk, list(active_muted_words(viewer)))
