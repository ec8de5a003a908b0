"""Every text for people is marked for translation, in templates, Python and JavaScript.

The sources are parsed, so texts that no test ever shows are covered too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from tests.sources import APPS, ROOT

NAMES = {"Kith", "API", "GitHub", "Google", "JPEG, PNG, WebP, GIF", "RSS", "ALT", "GIF", ".json"}
"""Texts that are the same in every language."""
LEFT_OUT = {
    "templates/style.html": "the page of components, for those who build",
    "templates/components/notification.html": "a specimen on that page",
    "templates/admin": "the administration",
    "accounts/templates/allauth/elements/button.html": "a tag in pieces, without words",
}
ATTRIBUTES = re.compile(
    r"alt|title|placeholder|label|aria-label|aria-description|aria-roledescription|data-[a-z-]+"
)
"""Attributes that contain text for people."""
CODE = re.compile(
    r"data-(theme|stream|member|post|kind|url|key|id|name|act|undo|hx|preview|tab|max|state)[a-z-]*"
)
SENTENCE = re.compile(r"[A-Za-zÀ-ž]{2,}")
SPOKEN = re.compile(r"\s*(?:[“„]?[A-ZÀ-Ž][a-zà-ž’]+|[^\s]+ [a-z]+ )")
"""Matches what starts like a sentence or contains words."""
GAP = "\N{OBJECT REPLACEMENT CHARACTER}"


def templates() -> list[Path]:
    found = [
        path
        for place in (ROOT / "templates", *(ROOT / app / "templates" for app in APPS))
        for kind in ("*.html", "*.txt")
        for path in place.rglob(kind)
    ]
    return sorted(path for path in found if not str(path.relative_to(ROOT)).startswith(tuple(LEFT_OUT)))


class Reader(HTMLParser):
    """Collects texts, and attributes that are shown or read aloud."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code", "pre"):
            self.inside.append(tag)
        named = dict(attributes)
        for name, value in attributes:
            if not value or not ATTRIBUTES.fullmatch(name) or CODE.fullmatch(name):
                continue
            if not name.startswith("data-") or " " in value.strip():
                self.read.append(value)
        if tag == "input" and named.get("type") in ("submit", "button", "reset"):
            self.read.append(named.get("value") or "")
        if tag == "meta" and named.get("name") == "description":
            self.read.append(named.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.read.append(data)


def unmarked_in(source: str, *, html: bool) -> Iterator[str]:
    """Return the unmarked texts of a template."""
    plain, skipping = [], ""
    for token in Lexer(source).tokenize():
        kind = token.split_contents()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if skipping:
            if kind == skipping:
                skipping = ""
            continue
        if kind in ("blocktranslate", "blocktrans", "comment", "verbatim"):
            skipping = f"end{kind}"
        elif kind == "block" and token.contents.endswith("_class"):
            skipping = "endblock"
        if token.token_type == TokenType.TEXT:
            plain.append(token.contents)
        else:
            plain.append(GAP)
        if token.token_type in (TokenType.BLOCK, TokenType.VAR) and kind not in (
            "translate",
            "trans",
            "url",
            "static",
        ):
            for value in re.findall(r'(?<!_\()"([^"]*)"', token.contents):
                if SPOKEN.match(value) and value not in NAMES and not value.endswith((".html", ".txt")):
                    yield value
    said = "".join(plain)
    if html:
        reader = Reader()
        reader.feed(said)
        texts = reader.read
    else:
        texts = said.splitlines()
    for text in texts:
        bare = text.replace(GAP, " ").strip()
        if SENTENCE.search(bare) and bare not in NAMES:
            yield bare


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_in_a_template_is_marked(path: Path) -> None:
    assert list(unmarked_in(path.read_text(encoding="utf-8"), html=path.suffix == ".html")) == []


def test_unmarked_text_in_a_template_is_found() -> None:
    """Check that the test above detects them."""
    page = """{% extends "base.html" %}{# A note #}{% translate "Marked" %}
    <p title="Read me">{{ name }} wrote <b>this</b></p>
    {% include "x.html" with title="Loud and clear" text=_("Marked") kind="like" %}<script>let Words = "none";</script>
    {% blocktranslate with n=1 %}Marked {{ n }}{% endblocktranslate %}
    <input type="submit" value="Go"><i data-hint="two words">42</i>"""
    assert sorted(unmarked_in(page, html=True)) == [
        "Go",
        "Loud and clear",
        "Read me",
        "this",
        "two words",
        "wrote",
    ]


# --- Python --------------------------------------------------------------------------------------------------

SAYING = {
    *("Refusal", "Invalid", "SignInNeeded", "Forbidden", "NotFound", "Conflict", "TooMany"),
    *("ValidationError", "RegexValidator", "MinLengthValidator"),
    *("success", "error", "info", "warning", "with_toast", "render_fragment_or_redirect"),
}
"""Calls whose texts people read: refusals, form errors, toasts."""
OF_FIELDS = {"label", "help_text", "empty_label"}
NOT_FOR_MEMBERS = (
    "admin.py",
    "management/",
    "migrations/",
    "demo/",
    "checks.py",
    "apps.py",
    "models",
    "embedded.py",
)


def modules() -> list[Path]:
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return sorted(
        path for path in found if not any(part in str(path.relative_to(ROOT)) for part in NOT_FOR_MEMBERS)
    )


def words_of(node: ast.AST) -> Iterator[ast.expr]:
    """Return the literals shown as they are: not those inside gettext( … )."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith(
        ("gettext", "gettext_lazy", "_", "noop")
    ):
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield node
        return
    for inner in ast.iter_child_nodes(node):
        yield from words_of(inner)


def is_spoken(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        literal = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    else:
        literal = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return bool(re.search(r"[A-Z“][a-z’]+.* |^[A-Z][a-z]+[.!?]?$| [a-z]+ ", literal))


def unmarked_sentences(source: str, *, of_forms: bool) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        said: list[ast.AST] = []
        if name in SAYING and owner not in ("log", "logging", "logger", "click", "self.stdout"):
            said += [*node.args, *(k.value for k in node.keywords if k.arg in ("message", "toast", "fields"))]
        if of_forms:
            said += [keyword.value for keyword in node.keywords if keyword.arg in OF_FIELDS]
        for each in said:
            for words in words_of(each):
                if is_spoken(words):
                    yield f"line {words.lineno}: {ast.unparse(words)}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_in_a_module_is_marked(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert list(unmarked_sentences(source, of_forms="forms" in path.name)) == []


def test_unmarked_text_in_a_module_is_found() -> None:
    source = """
raise Invalid("Say why.", fields={"a": ["Say why, please."], "b": [_("Fine")], "c": [f"At most {n} of them"]})
messages.success(request, "Saved.")
log.error("This is for the log")
with_toast(answer, _("It is %(n)s") % {"n": 1}, kind="success")
render_fragment_or_redirect(request, back, message="It went well.", toast=_("Done."))
field = forms.CharField(label="Your name")
"""
    found = [line.partition(": ")[2] for line in unmarked_sentences(source, of_forms=True)]
    assert found == [
        "'Say why.'",
        "'Say why, please.'",
        "f'At most {n} of them'",
        "'Saved.'",
        "'It went well.'",
        "'Your name'",
    ]


# --- Scripts -------------------------------------------------------------------------------------------------

LITERAL = re.compile(r"""(gettext\(\s*)?(["'`])((?:\\.|(?!\2).)*)\2""")


def unmarked_in_script(source: str) -> Iterator[str]:
    source = re.sub(r"/\*.*?\*/|^\s*//.*$|(?<=[;{}\s])// .*$", "", source, flags=re.DOTALL | re.MULTILINE)
    for marked, _, literal in LITERAL.findall(source):
        if not marked and re.match(r"[A-Z][a-z’]+([ .…]|$)", literal) and literal not in OF_THE_BROWSER:
            yield literal


OF_THE_BROWSER = {
    "Accept",
    "Enter",
    "Escape",
    "Tab",
    "Home",
    "End",
    "Backspace",
    "Delete",
    "Content-Type",
    "Infinity",
}


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "js").glob("*.js")), ids=lambda path: path.name)
def test_every_text_in_a_script_is_marked(path: Path) -> None:
    assert list(unmarked_in_script(path.read_text(encoding="utf-8"))) == []
