"""Which muted word of a viewer stands in a text: for posts and for messages alike."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from accounts.models import Member
from core.words import Phrases
from social.models import MutedWord
from social.queries.mutes import words_muted_by

Place = Literal["home", "notifications", "threads", "search"]


class Act(StrEnum):
    SHOW = "show"
    WARN = "warn"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a text in a place; `word` is the muted word as its owner wrote it."""

    act: Act = Act.SHOW
    word: str = ""


SHOWN = Verdict()


@dataclass(slots=True)
class MutedWords:
    """A viewer's muted words, ready to be looked for."""

    viewer_id: int = 0
    words: list[MutedWord] = field(default_factory=list)
    _phrases: dict[str, Phrases[MutedWord]] = field(default_factory=dict)

    def verdict(self, text: str, author_id: int, place: Place | None) -> Verdict:
        """Of a text by somebody in a place; None for wherever. Hiding wins over warning; one's own is always shown."""
        if not self.words or author_id == self.viewer_id:
            return SHOWN
        found = self._in(place).found_in(text)
        if not found:
            return SHOWN
        word = next((word for word in found if word.act == MutedWord.Act.HIDE), found[0])
        return Verdict(Act(word.act), word.text)

    def _in(self, place: Place | None) -> Phrases[MutedWord]:
        key = place or ""
        if key not in self._phrases:
            words = [word for word in self.words if place is None or place in word.places]
            self._phrases[key] = Phrases((word.folded, word) for word in words)
        return self._phrases[key]


def muted_words_of(viewer: Member) -> MutedWords:
    """In one query."""
    return MutedWords(viewer.pk, list(words_muted_by(viewer)))
