"""Rules of the design system that can be checked automatically."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
JS = ROOT / "static" / "js"
TEMPLATES = sorted(
    path for pattern in ("templates/**/*.html", "*/templates/**/*.html") for path in ROOT.glob(pattern)
)


def tokens() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (CSS / "tokens.css").read_text())
    return {name: (day, night) for name, day, night in found}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("bg", "surface", "sunken", "hover", "raised")
PAIRS = [(ink, ground) for ink in ("text", "text-2", "text-3", "accent-text", "danger") for ground in GROUNDS]
PAIRS += [(ink, f"{ink}-soft") for ink in ("like", "danger", "warning", "info")]
PAIRS += [
    ("accent-text", "accent-soft"),
    ("on-accent", "accent"),
    ("text", "accent-soft"),
    ("text", "info-soft"),
]


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_colors_have_enough_contrast(ink: str, ground: str, theme: int) -> None:
    colours = tokens()
    assert contrast(colours[ink][theme], colours[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_field_borders_have_enough_contrast(theme: int) -> None:
    colours = tokens()
    assert contrast(colours["field-line"][theme], colours["surface"][theme]) >= 3


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    named = {
        (path.name, name)
        for path in TEMPLATES
        for name in re.findall(
            r"""\{%\s*icon ["']([\w-]+)["']|icon_name=["']([\w-]+)["']""", path.read_text()
        )
        for name in name
        if name
    }
    assert {(where, name) for where, name in named if name not in known} == set()


def test_no_template_has_inline_styles_or_scripts() -> None:
    forbidden = re.compile(r"""\sstyle=|\son[a-z]+=["']|\shx-on|<style|=["']js:|javascript:""")
    guilty = [path for path in TEMPLATES if forbidden.search(re.sub(r"\{%.*?%\}", "", path.read_text()))]
    assert [str(path.relative_to(ROOT)) for path in guilty] == []


def test_the_import_map_lists_every_module() -> None:
    entries = re.findall(
        r"\"kith/([\w-]+)\": \"\{% static 'js/([\w-]+)\.js' %\}\"",
        (ROOT / "templates/components/importmap.html").read_text(),
    )
    assert [name for name, file in entries if name != file or not (JS / f"{file}.js").exists()] == []
    imported = {name for path in JS.glob("*.js") for name in re.findall(r'"kith/([\w-]+)"', path.read_text())}
    assert imported <= {name for name, _ in entries}


def test_css_and_javascript_stay_small() -> None:
    """All files together, compressed. test_weight.py measures what home loads."""
    ours = [path for path in (*CSS.glob("*.css"), *JS.glob("*.js")) if path.name != "style-page.css"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in ours) <= 100_000


def test_no_line_of_a_template_is_longer_than_300_characters() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 300
    ]
    assert long == []
