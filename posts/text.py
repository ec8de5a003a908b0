"""The one place where what people wrote becomes HTML."""

import re
from collections.abc import Collection
from urllib.parse import quote

from django.utils.html import escape

from core.text import TokenKind, tokenize

LINK_TEXT_MAX = 40
"""How many characters of an address are shown before the rest is left out."""


def render_html(text: str, known: Collection[str] = ()) -> str:
    """`text` (cleaned) as safe HTML: links, hashtags, and mentions of those usernames that are `known`.

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
    """An address without its scheme, cut to what tells where it leads."""
    shown = url.split("://", 1)[-1].removeprefix("www.")
    if shown.endswith("/") and shown.count("/") == 1:
        shown = shown[:-1]
    if len(shown) <= LINK_TEXT_MAX:
        return shown
    host = re.split(r"[/?#]", shown, maxsplit=1)[0]
    # Whom a long host belongs to is told by its end.
    return f"{shown[: LINK_TEXT_MAX - 1]}…" if len(host) < LINK_TEXT_MAX else f"…{host[1 - LINK_TEXT_MAX :]}"


def tag_path(folded: str) -> str:
    return f"/tags/{quote(folded, safe='')}"
