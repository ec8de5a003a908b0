"""Renders messages as HTML. Only links: hashtags and mentions would notify others."""

from django.utils.html import escape

from core.text import TokenKind, tokenize


def render_html(text: str) -> str:
    parts = []
    for token in tokenize(text):
        shown: str = escape(token.text)
        if token.kind is TokenKind.LINK:
            href = escape(token.value)
            shown = f'<a class="link" href="{href}" rel="nofollow noopener ugc" target="_blank">{shown}</a>'
        parts.append(shown)
    return "".join(parts)
