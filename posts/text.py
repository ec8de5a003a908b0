"""Render the text of posts as HTML."""

import re
from collections.abc import Collection
from urllib.parse import quote

from django.utils.html import escape

from core.text import TokenKind, tokenize

LINK_TEXT_MAX = 40
"""The longest link text; a longer address is cut."""


def render_html(text: str, known: Collection[str] = ()) -> str:
    """Return cleaned text as safe HTML, with links, hashtags, and mentions of the usernames in `known`.

    Newlines stay newlines; the style sheet shows them (`white-space: pre-wrap`).
    """
    parts = []
    for token in tokenize(text):
        match token.kind:
            case TokenKind.LINK:
                parts.append(
                    f'<a class="link" href="{escape(token.value)}" rel="nofollow noopener ugc"'
                    f' target="_blank">{escape(shortened(token.value))}</a>'
                )
            case TokenKind.MENTION if token.value in known:
                parts.append(f'<a class="mention" href="/@{token.value}">{escape(token.text)}</a>')
            case TokenKind.HASHTAG:
                parts.append(f'<a class="hashtag" href="{tag_path(token.value)}">{escape(token.text)}</a>')
            case _:
                parts.append(escape(token.text))
    return "".join(parts)


def shortened(url: str) -> str:
    """Return a URL as link text: without its scheme, and cut so that the host can be read."""
    shown = url.split("://", 1)[-1].removeprefix("www.")
    if shown.endswith("/") and shown.count("/") == 1:
        shown = shown[:-1]
    if len(shown) <= LINK_TEXT_MAX:
        return shown
    host = re.split(r"[/?#]", shown, maxsplit=1)[0]
    # The end of a long host shows whose it is.
    return f"{shown[: LINK_TEXT_MAX - 1]}…" if len(host) < LINK_TEXT_MAX else f"…{host[1 - LINK_TEXT_MAX :]}"


def tag_path(folded: str) -> str:
    return f"/tags/{quote(folded, safe='')}"
