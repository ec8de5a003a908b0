"""24,000 real public posts, if they are available next to the checkout."""

import re
import time
from html import unescape
from pathlib import Path

import pytest

from core.text import clean, hashtags, tokenize
from posts.text import render_html

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "real_posts.txt"
OURS = re.compile(r'</?a( class="[a-z]+" href="[^"<>]*"( rel="[a-z ]+" target="_blank")?)?>')


@pytest.fixture(scope="module")
def texts() -> list[str]:
    if not CORPUS.exists():
        pytest.skip("the real posts are not beside this checkout")
    return [unescape(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def test_tokens_join_to_the_original_text(texts: list[str]) -> None:
    for text in texts:
        cleaned = clean(text)
        assert "".join(token.text for token in tokenize(cleaned)) == cleaned
        assert clean(cleaned) == cleaned


def test_real_texts_add_no_html(texts: list[str]) -> None:
    started = time.process_time()
    for text in texts:
        rest = OURS.sub("", render_html(clean(text)))
        assert "<" not in rest
        assert ">" not in rest
    assert time.process_time() - started < 60, "linear, whatever people write"


def test_tags_of_real_texts_are_found(texts: list[str]) -> None:
    found = {tag for text in texts for tag in hashtags(clean(text))}
    assert {"christmas", "halloween", "nyc", "love"} <= found
    assert len(found) > 10_000
