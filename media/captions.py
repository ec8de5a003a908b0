"""Captions of videos (WebVTT): text only, written anew from what was given."""

import re

from django.utils.translation import gettext as _

from core.refusals import Invalid
from core.text import clean

BYTES_MAX = 200_000
CUES_MAX = 3000
_TIME = r"(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
_TIMES = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?", re.ASCII)
_TAG = re.compile(r"<[^<>]{0,200}>")


def rewrite(text: str) -> str:
    """Return the captions as WebVTT with nothing but times and text: no styles, regions, notes, positions or tags.

    Takes SRT too, which looks almost the same. Raises Invalid if there are none.
    """
    if len(text.encode()) > BYTES_MAX:
        raise _invalid(_("Captions can be up to %(most)s KB.") % {"most": BYTES_MAX // 1000})
    blocks = re.split(r"\n{2,}", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    cues = [cue for block in blocks if (cue := _cue(block))]
    if not cues:
        raise _invalid(_("These aren’t captions. Use a WebVTT file (.vtt) or an SRT file (.srt)."))
    if len(cues) > CUES_MAX:
        raise _invalid(_("Captions can have up to %(most)s parts.") % {"most": CUES_MAX})
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _cue(block: str) -> str:
    lines = block.split("\n")
    for number, line in enumerate(lines[:3]):
        if (found := _TIMES.fullmatch(line)) is not None:
            text = "\n".join(filter(None, (_plain(rest) for rest in lines[number + 1 :])))
            start, end = found.groups()[:4], found.groups()[4:]
            return f"{_written(start)} --> {_written(end)}\n{text}" if text and _is_before(start, end) else ""
    return ""


def _is_before(start: tuple[str | None, ...], end: tuple[str | None, ...]) -> bool:
    """Compare two times, of which each may be without hours."""
    return [int(part or 0) for part in start] < [int(part or 0) for part in end]


def _written(time: tuple[str | None, ...]) -> str:
    return f"{time[0] or '00'}:{time[1]}:{time[2]}.{time[3]}"


def _plain(line: str) -> str:
    """Return a line without tags. What is left of them is escaped, and no line looks like times."""
    line = clean(_TAG.sub("", line)).replace("\n", " ")
    line = re.sub(r"&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)", "&amp;", line)
    return line.replace("<", "&lt;").replace(">", "&gt;")


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": [sentence]})
