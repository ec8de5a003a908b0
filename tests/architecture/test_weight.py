"""Home loads at most 120 KB of our own CSS and JavaScript, uncompressed, before any interaction."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import Member
from tests.factories import make_post

MOST = 120_000
IMPORT = re.compile(r"^import\b[^\"';]*[\"'](kith/\w+)[\"']", re.MULTILINE)
EXPORT = re.compile(r"^export\b[^\"';]* from [\"'](kith/\w+)[\"']", re.MULTILINE)


def source(address: str) -> Path:
    found = finders.find(address.removeprefix(settings.STATIC_URL))
    assert isinstance(found, str), address
    return Path(found)


def own_files(page: str) -> set[Path]:
    """Return the style sheets and modules with their static imports (not those loaded on demand)."""
    modules: dict[str, str] = json.loads(
        page.split('type="importmap"')[1].split(">", 1)[1].split("</script>")[0]
    )["imports"]
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    waiting = [source(address) for address in re.findall(r'<script type="module" src="([^"]+)"', page)]
    found = {source(address) for address in styles}
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        text = module.read_text()
        waiting += [source(modules[name]) for name in IMPORT.findall(text) + EXPORT.findall(text)]
    return found


@pytest.mark.parametrize("who", ["a member", "a visitor"])
def test_home_stays_within_its_weight(client: Client, alice: Member, who: str) -> None:
    make_post(alice)
    if who == "a member":
        client.force_login(alice)
    files = own_files(client.get("/").content.decode())
    assert {"main.js", "live.js", "sending.js", "components.css"} <= {file.name for file in files}
    weights = {file.name: file.stat().st_size for file in files}
    assert sum(weights.values()) <= MOST, sorted(weights.items(), key=lambda item: -item[1])
