"""Read what a page says about itself: title, description, site and picture (OpenGraph, Twitter, plain HTML).

A page is data by a stranger: only text is taken from it, in limited numbers and lengths.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from core.outbound import Fetched, FetchError, fetch, normalized_url
from core.text import clean_line, is_blank
from posts.models import LinkCard

PAGE_TYPES = ("text/html", "application/xhtml+xml")
PAGE_MAX = 512 * 1024
"""Bytes of a page that are read. What describes it is at its beginning."""
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif")
PICTURE_MAX = 5 * 1024 * 1024
TAGS_MAX = 200
TAG_MAX = 4000
"""Characters of a tag that are read."""

_TAG = re.compile(r"<!--|<(?:script|style|meta|title)\b", re.IGNORECASE)
_CLOSINGS = {
    "<!--": re.compile("-->"),
    "<script": re.compile("</script", re.IGNORECASE),
    "<style": re.compile("</style", re.IGNORECASE),
}

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_CHARSETS = frozenset(
    {
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255",
        "cp1256", "cp1257", "cp1258", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7",
        "iso8859-8", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "koi8-r", "koi8-u",
        "mac-roman", "cp866", "cp874", "tis-620", "gbk", "gb2312", "gb18030", "big5", "big5hkscs", "shift_jis", "cp932",
        "euc_jp", "iso2022_jp", "euc_kr", "cp949",
    }
)  # fmt: skip
"""Those of the web, by Python’s names. Python knows others that are no encodings of text (punycode, unicode_escape)."""


@dataclass(frozen=True)
class Page:
    """What a page says about itself. Empty texts where it says nothing."""

    title: str
    description: str
    site_name: str
    picture: str
    """A URL."""
    picture_alt: str


def read_page(url: str) -> Page:
    """Fetch and parse a page. Raises FetchError."""
    fetched = fetch(url, kinds=PAGE_TYPES, at_most=PAGE_MAX, cut=True)
    return parse_page(fetched)


def read_picture(url: str) -> bytes:
    """Fetch a page's picture, as it is: it must be encoded again. Raises FetchError."""
    return fetch(url, kinds=PICTURE_TYPES, at_most=PICTURE_MAX, robots=False).body


def parse_page(fetched: Fetched) -> Page:
    said, heading = _said(decoded(fetched.body, fetched.charset))

    def line(names: Iterable[str], field: str, otherwise: str = "") -> str:
        most = int(getattr(LinkCard._meta.get_field(field), "max_length", 0))
        for text in (*(said.get(name, "") for name in names), otherwise):
            cleaned = clean_line(text)
            if not is_blank(cleaned):
                return cleaned if len(cleaned) <= most else f"{cleaned[: most - 1].rstrip()}…"
        return ""

    return Page(
        title=line(("og:title", "twitter:title"), "title", heading),
        description=line(("og:description", "twitter:description", "description"), "description"),
        site_name=line(("og:site_name", "application-name"), "site_name"),
        picture=_picture_url(fetched.url, said),
        picture_alt=line(("og:image:alt", "twitter:image:alt"), "picture_alt"),
    )


def _said(text: str) -> tuple[dict[str, str], str]:
    """Return the page's meta tags by name, the first of each, and its title.

    Only these tags are parsed, each on its own: building the tree of a whole page takes time in the square of its
    depth.
    """
    said: dict[str, str] = {}
    title, at, tags = "", 0, 0
    while (tag := _TAG.search(text, at)) and tags < TAGS_MAX:
        at = tag.end()
        if (closing := _CLOSINGS.get(tag[0].lower())) is not None:
            # Comments and scripts may contain tags of other pages.
            end = closing.search(text, at)
            if end is None:
                break
            at = end.end()
            continue
        tags += 1
        parser = LexborHTMLParser(text[tag.start() : tag.start() + TAG_MAX])
        if tag[0].lower() == "<title":
            node = parser.css_first("title")
            title = title or (node.text() if node else "")
            continue
        node = parser.css_first("meta")
        attributes = node.attributes if node else {}
        name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
        value = attributes.get("content") or ""
        if name and value.strip():
            said.setdefault(name[:100], value)
    return said, title


def decoded(body: bytes, charset: str) -> str:
    """Return the text of a page: its encoding by its byte order mark, the header, or the page itself; else UTF-8.
    Bytes that don't fit are replaced.
    """
    if body.startswith(codecs.BOM_UTF8):
        return body[3:].decode("utf-8", "replace")
    for name in (charset, *(match.decode("ascii") for match in _META_CHARSET.findall(body[:4096])[:1])):
        try:
            codec = codecs.lookup("cp1252" if name in ("iso-8859-1", "latin1", "ascii", "us-ascii") else name)
        except (LookupError, ValueError):
            continue
        if codec.name in _CHARSETS:
            return body.decode(codec.name, "replace")
    return body.decode("utf-8", "replace")


def _picture_url(page: str, said: dict[str, str]) -> str:
    import httpx

    names = ("og:image:secure_url", "og:image:url", "og:image", "twitter:image", "twitter:image:src")
    given = next((said[name].strip() for name in names if said.get(name, "").strip()), "")
    if not given:
        return ""
    try:
        return normalized_url(str(httpx.URL(page).join(given)))
    except (FetchError, httpx.InvalidURL, ValueError):
        return ""
