"""Fixtures for all tests: real servers, the site in its own process, and a real browser."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.services import s3 as s3_service
from tests.services.elasticsearch import start_elasticsearch
from tests.services.processes import Server, Unavailable
from tests.services.redis import start_redis
from tests.services.site import Site, start_site
from tests.services.stack import Stack, start_stack

Theme = Literal["light", "dark"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest_plugins = ["tests.factories"]


@pytest.fixture(autouse=True)
def _no_language_left() -> Iterator[None]:
    """Reset the language: the test client leaves that of its last request active."""
    yield
    from django.utils import translation

    translation.deactivate()


# --- Servers -----------------------------------------------------------------------------------------------


def _started(start: Callable[[], Server]) -> Iterator[Server]:
    try:
        server = start()
    except Unavailable as why:
        pytest.skip(str(why))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    """Return one Redis per worker, so that flushing it doesn't affect others."""
    yield from _started(start_redis)


@pytest.fixture
def redis_url(redis_server: Server) -> str:
    """Return the URL of a real, empty Redis."""
    import redis

    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """Return the URL of a real Elasticsearch 8.19, shared by the run: tests name their own indices."""
    for server in _started(start_elasticsearch):
        yield server.url


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """Return the URL of a real S3 server, which accepts the keys in tests.services.s3."""
    for server in _started(s3_service.start_s3):
        yield server.url


@pytest.fixture(scope="session")
def s3_bucket(s3_url: str) -> dict[str, str]:
    """Return an S3 bucket as the environment variables that Kith reads."""
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        aws_access_key_id=s3_service.ACCESS_KEY,
        aws_secret_access_key=s3_service.SECRET_KEY,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )
    client.create_bucket(Bucket=s3_service.BUCKET)
    return {
        "S3_ENDPOINT_URL": s3_url,
        "S3_BUCKET": s3_service.BUCKET,
        "S3_ACCESS_KEY_ID": s3_service.ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": s3_service.SECRET_KEY,
        "S3_REGION": "us-east-1",
    }


# --- The site and a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def live_site() -> Iterator[Site]:
    """Run `manage.py serve` in its own process, on an empty SQLite database."""
    site = start_site()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Run Kith as in production: four processes on PostgreSQL and Redis."""
    stack = start_stack()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def chromium() -> Generator[Chromium]:
    """Return the worker's one Chromium. Tests use `browser`, which wakes it."""
    program = _chromium()
    if program is None:
        pytest.skip("no Chromium here: install one, or name it in CHROMIUM")
    from playwright.sync_api import expect, sync_playwright

    # What takes 0.1 s here may take 10 s on a busy machine.
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        chromium = Chromium(
            playwright.chromium.launch(
                executable_path=program,
                headless=True,
                args=[
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            )
        )
        chromium.sleep()
        yield chromium
        chromium.wake()
        chromium.browser.close()


class Chromium:
    """Playwright's sync API keeps an event loop running in this thread for as long as it is open.

    No async test of the same worker could run beside it, so the loop is put aside between browser tests.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._loop: asyncio.AbstractEventLoop | None = None

    def sleep(self) -> None:
        self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)

    def wake(self) -> None:
        asyncio._set_running_loop(self._loop)


@pytest.fixture
def browser(chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Return a real Chromium, controlled by Playwright."""
    if {"db", "transactional_db", "live_server"} & set(request.fixturenames):
        # Beside a running loop Django opens a second connection, which cannot see the test's transaction.
        pytest.fail("A browser test looks at live_site, which has its own database: use live_site.manage()")
    chromium.wake()
    yield chromium.browser
    chromium.sleep()


@pytest.fixture
def new_page(
    browser: Browser, live_site: Site, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open a page of the live site in a new profile: `new_page(width=390, javascript=False, theme="dark")`.

    Each call is a browser profile of its own, so two calls are two visitors. An error thrown by a script fails
    the test.
    """
    contexts = []
    errors: list[str] = []

    def open_page(
        *,
        width: int = 1440,
        height: int = 900,
        javascript: bool = True,
        theme: Theme = "light",
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=live_site.url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme=theme,
            reduced_motion=options.pop("reduced_motion", "reduce"),
            **options,
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        contexts.append(context)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, f"scripts failed: {errors}"


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Return a page of the live site as a guest."""
    return new_page()


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    if Path("/usr/bin/chromium").exists():
        return "/usr/bin/chromium"
    return shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
