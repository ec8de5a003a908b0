"""Text that members write never becomes markup."""

import html.parser
import random

import pytest

from core.text import clean
from posts.text import LINK_TEXT_MAX, render_html, shortened

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    'https://example.com/"onmouseover="alert(1)',
    "https://example.com/'onmouseover='alert(1)",
    "https://example.com/<script>alert(1)</script>",
    "https://example.com/`${alert(1)}`",
    'https://example.com/x"><script>alert(1)</script>',
    "http://example.com/javascript:alert(1)",
    '#tag"onclick="alert(1)',
    "#<b>x</b>",
    "@ana<script>",
    '@ana"onclick=alert(1)',
    "&lt;script&gt;",
    "&#60;script&#62;",
    "<a href='javascript:alert(1)'>x</a>",
    "<!--",
    "]]>",
    "{{ 7|add:7 }}{% csrf_token %}",
    "https://example.com/\u202egpj.exe",
    "data:text/html;base64,PHNjcmlwdD4=",
    "https://example.com/\x00<script>",
    "https://exa<mple.com",
    "https://example.com/&quot;onclick=&quot;",
]


class Reader(html.parser.HTMLParser):
    """Collects the elements and attributes that a browser would parse."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.elements, self.words = [], []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        raise AssertionError(data)


def check(markup):
    reader = Reader(markup)
    for tag, attributes in reader.elements:
        assert tag == "a"
        assert set(attributes) <= {"class", "href", "rel", "target"}
        href = attributes["href"]
        assert href.startswith(("https://", "http://", "/@", "/tags/")) or href.lower().startswith("http")
        if attributes["class"] == "link":
            assert attributes["rel"] == "nofollow noopener ugc"
            assert attributes["target"] == "_blank"
    return reader


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_are_escaped(payload):
    text = clean(payload)
    reader = check(render_html(text, {"ana"}))
    if "://" not in text:
        assert "".join(reader.words) == text


def test_mixed_payloads_are_escaped():
    chance = random.Random(11)
    pieces = [*PAYLOADS, "#a", "@ana", " ", "\n", "https://a.b/", '"', "<", ">", "&", "'"]
    for _ in range(2000):
        check(render_html(clean("".join(chance.choices(pieces, k=6))), {"ana"}))


def test_links_have_rel_and_short_text():
    markup = render_html("see https://www.example.com/a/b?x=1&y=2.")
    assert markup == (
        'see <a class="link" href="https://www.example.com/a/b?x=1&amp;y=2" rel="nofollow noopener ugc"'
        ' target="_blank">example.com/a/b?x=1&amp;y=2</a>.'
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/", "example.com"),
        ("https://www.example.com", "example.com"),
        ("http://example.com/a/", "example.com/a/"),
        ("https://example.com/" + "x" * 100, ("example.com/" + "x" * 100)[: LINK_TEXT_MAX - 1] + "…"),
        (
            f"https://bank.example.com.{'a' * 40}.evil.example/",
            "…" + f"{'a' * 40}.evil.example"[1 - LINK_TEXT_MAX :],
        ),
        (f"https://{'a' * 27}.example.com/login", f"{'a' * 27}.example.com…"),
    ],
)
def test_a_shortened_url_shows_its_host(url, shown):
    assert shortened(url) == shown


def test_only_members_are_linked():
    markup = render_html("@Ana and @nobody", {"ana"})
    assert markup == '<a class="mention" href="/@ana">@Ana</a> and @nobody'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("#Ana", "/tags/ana"),
        ("#日本", "/tags/%E6%97%A5%E6%9C%AC"),
        ("#العربية", "/tags/%D8%A7%D9%84%D8%B9%D8%B1%D8%A8%D9%8A%D8%A9"),
        ("#हिन्दी", "/tags/%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80"),
    ],
)
def test_hashtags_link_to_their_folded_name(text, path):
    assert render_html(text) == f'<a class="hashtag" href="{path}">{text}</a>'


def test_newlines_stay_newlines():
    assert render_html("a\n\nb") == "a\n\nb"
