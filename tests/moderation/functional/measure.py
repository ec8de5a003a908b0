"""Measure the built-in rules: python -m tests.moderation.functional.measure [texts, one to a line …]

For each functionality in en.toml and de.toml, modeled on HateCheck, print the share of cases that are judged correctly;
for ordinary sentences and the given files, the share with a match.
"""

from __future__ import annotations

import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "de")


@dataclass(frozen=True)
class Functionality:
    language: str
    name: str
    category: str
    speaks: bool
    templates: list[str]
    """Expanded templates that were used while writing the rules."""
    held_out: list[str]


def functionalities(language: str) -> Iterator[Functionality]:
    data = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    for row in data["functionality"]:
        yield Functionality(
            language,
            row["name"],
            row.get("category", ""),
            row["speaks"],
            _filled(row["templates"], data["words"]),
            _filled(row["held_out"], data["words"]),
        )


def _filled(templates: list[str], words: dict[str, list[str]]) -> list[str]:
    for name, each in words.items():
        templates = [
            template.replace(f"{{{name}}}", word)
            for template in templates
            for word in (each if f"{{{name}}}" in template else [""])
        ]
    return templates


def ordinary(language: str) -> list[str]:
    """Return sentences that no rule should match, some of them angry."""
    return (FOLDER / f"ordinary_{language}.txt").read_text(encoding="utf-8").splitlines()


def categories_found(text: str) -> set[str]:
    """Return the categories of the built-in rules that match a text."""
    from moderation.builtin import rule_set

    rules = rule_set()
    read = rules.normalizer.normalize(text)
    return {rule.category for rule in rules.rules.values() if rule.found_in(read)}


def right(row: Functionality, cases: list[str]) -> int:
    return sum(bool(categories_found(case)) == row.speaks for case in cases)


def main(paths: list[str]) -> None:
    for language in LANGUAGES:
        print(f"\n{language}: right in the cases that were looked at | in those held out")
        for row in functionalities(language):
            kind = "finds" if row.speaks else "leaves alone"
            seen, unseen = right(row, row.templates), right(row, row.held_out)
            print(
                f"  {kind:12} {row.name:42} {seen:>3} of {len(row.templates):<3} | "
                f"{unseen:>3} of {len(row.held_out)}"
            )
        sentences = ordinary(language)
        found = sum(bool(categories_found(sentence)) for sentence in sentences)
        print(f"  ordinary sentences in which something is found: {found} of {len(sentences)}")
    for path in paths:
        texts = Path(path).read_text(encoding="utf-8").splitlines()
        begun = time.monotonic()
        found = sum(bool(categories_found(text)) for text in texts)
        each = (time.monotonic() - begun) / len(texts)
        print(
            f"\n{path}: {found} of {len(texts)} ({found / len(texts):.3%}), {each * 1_000_000:.0f} µs a text"
        )


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    main(sys.argv[1:])
