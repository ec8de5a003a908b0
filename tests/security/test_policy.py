"""Test the Content-Security-Policy header."""

import re

import pytest


def policy_of(response) -> dict[str, str]:
    parts = (part.partition(" ") for part in response["Content-Security-Policy"].split("; "))
    return {name: value for name, _, value in parts}


@pytest.mark.django_db
def test_the_policy_allows_only_our_own_files_and_scripts_with_the_nonce(client):
    page = client.get("/accounts/login/")
    nonce = re.search(r'<script type="importmap" nonce="([^"]{16,})"', page.content.decode())
    assert nonce
    assert policy_of(page) == {
        "default-src": "'self'",
        "script-src": f"'self' 'nonce-{nonce[1]}'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    again = client.get("/accounts/login/")
    assert policy_of(again)["script-src"] != policy_of(page)["script-src"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nothing/here", "/api/posts/1", "/health/live"])
def test_a_response_without_scripts_has_the_policy_too(client, path):
    assert policy_of(client.get(path))["script-src"].startswith("'self'")


@pytest.mark.django_db
def test_an_error_page_has_the_policy_too(client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setattr("core.views.health.report", fail)
    page = client.get("/health/ready")
    assert page.status_code == 500
    assert policy_of(page)["object-src"] == "'none'"
