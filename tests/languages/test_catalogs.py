"""Catalogs are complete: every marked text has a German translation, the same everywhere, and it is compiled."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MESSAGES = runpy.run_path(str(ROOT / "scripts" / "messages"))
PLACES = [*MESSAGES["APPS"], MESSAGES["REST"]]
LANGUAGES = MESSAGES["LANGUAGES"]
NOT_GATHERED = (".*", "__pycache__", "tests", "bench", "docs", "var", "vendor", "*.mo")

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%[a-z]|\{\w*\}")
TAG = re.compile(r"</?[a-z]+>")

Key = tuple[str | None, str]


def catalogues(root: Path = ROOT) -> dict[str, Path]:
    folders = [root if place == MESSAGES["REST"] else root / place for place in PLACES]
    found = [path for folder in folders for path in sorted((folder / "locale").rglob("*.po"))]
    return {str(path.relative_to(root)): path for path in found}


every_catalogue = pytest.mark.parametrize("path", catalogues().values(), ids=catalogues())


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Return each plural form with its translation: the last German form for the English plural."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid_plural if n else entry.msgid, text) for n, text in entry.msgstr_plural.items()]


def said(path: Path) -> dict[Key, list[str]]:
    read = polib.mofile if path.suffix == ".mo" else polib.pofile
    return {(entry.msgctxt, entry.msgid): [text for _, text in forms(entry)] for entry in read(str(path))}


def test_every_app_has_a_catalog_for_each_language():
    names = catalogues()
    for language in LANGUAGES:
        for place in PLACES:
            folder = "" if place == MESSAGES["REST"] else f"{place}/"
            assert f"{folder}locale/{language}/LC_MESSAGES/django.po" in names
        assert f"locale/{language}/LC_MESSAGES/djangojs.po" in names


@every_catalogue
def test_every_message_is_translated(path):
    assert [
        entry.msgid for entry in polib.pofile(str(path)) if not entry.translated() or entry.obsolete
    ] == []


@every_catalogue
def test_compiled_catalogs_are_up_to_date(path):
    assert said(path.with_suffix(".mo")) == said(path), f"Run scripts/messages: {path.name} has changed."


@every_catalogue
def test_every_translation_has_the_same_placeholders(path):
    changed = [
        (english, text)
        for entry in polib.pofile(str(path))
        for english, text in forms(entry)
        if sorted(set(PLACEHOLDER.findall(english))) != sorted(set(PLACEHOLDER.findall(text)))
        or sorted(TAG.findall(english)) != sorted(TAG.findall(text))
        or edges(english) != edges(text)
    ]
    assert changed == []


def edges(text: str) -> tuple[str, str]:
    """Return the leading and trailing white space."""
    bare = text.strip()
    return (text[: text.find(bare)], text[text.find(bare) + len(bare) :]) if bare else (text, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_text_has_the_same_translation_everywhere(language):
    ways: dict[Key, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, path in catalogues().items():
        if f"/{language}/" in name or name.startswith(f"locale/{language}/"):
            for key, texts in said(path).items():
                ways[key][json.dumps(texts, ensure_ascii=False)].append(name)
    assert {key: dict(found) for key, found in ways.items() if len(found) > 1} == {}


@pytest.mark.skipif(
    not (shutil.which("xgettext") and shutil.which("msgfmt")), reason="GNU gettext is not on this machine."
)
def test_extracting_again_changes_nothing(tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_GATHERED))
    (tree / ".venv").symlink_to(sys.prefix)
    done = subprocess.run(
        [sys.executable, tree / "scripts" / "messages"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    gathered = catalogues(tree)
    assert gathered.keys() == catalogues().keys()
    for name, path in catalogues().items():
        assert marked(gathered[name]) == marked(path), f"Run scripts/messages: {name} is not what is marked."


def marked(path: Path) -> set[tuple[str | None, str, str]]:
    return {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(path))}
