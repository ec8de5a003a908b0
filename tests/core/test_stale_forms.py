"""Forms with a stale CSRF token: nothing is done, typed text is not lost, and the form can be sent again."""

import html as entities
import json
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Member
from posts.models import Post

HERE = {"Origin": "http://testserver"}
TEXT = 'Two lines,\nand <b>"signs"</b> & more'


@pytest.fixture(autouse=True)
def no_counts():
    cache.clear()


def browser(member=None):
    client = Client(enforce_csrf_checks=True, headers=HERE)
    if member is not None:
        client.force_login(member)
    return client


def token_in(page):
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]


def fresh_fields(answer):
    """Return the fields of the page’s form as a browser would send them."""
    page = answer.content.decode()
    form = page[page.index('<form method="post"') : page.index("</form>")]
    fields = dict(re.findall(r'<input type="\w+"[^>]*? name="([^"]*)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>([^<]*)</textarea>', form))
    token = token_in(form)
    return {name: entities.unescape(value) for name, value in fields.items()} | {"csrfmiddlewaretoken": token}


def test_typed_text_comes_back_and_can_be_sent_again(alice):
    client = browser(alice)
    client.get("/compose")
    stale = client.post("/posts", {"text": TEXT, "idempotency_key": "k1", "csrfmiddlewaretoken": "x" * 64})
    assert stale.status_code == 403
    assert "Nothing was sent" in stale.content.decode()
    assert "signed in as @alice" in stale.content.decode()
    assert stale["Cache-Control"] == "private, no-store"
    assert not Post.objects.exists()
    fields = fresh_fields(stale)
    assert (fields["text"].strip(), fields["idempotency_key"]) == (TEXT, "k1")
    assert client.post("/posts", fields).status_code == 302
    assert Post.objects.get().text == TEXT


@pytest.mark.parametrize("token", [{}, {"csrfmiddlewaretoken": "x"}, {"csrfmiddlewaretoken": "é" * 64}])
def test_typed_text_comes_back_without_a_cookie_and_with_any_token(alice, token):
    stale = browser(alice).post("/posts", {"text": TEXT} | token)
    assert stale.status_code == 403
    assert fresh_fields(stale)["text"].strip() == TEXT
    assert stale.cookies["csrftoken"].value, "the cookie that the new token belongs to"


def test_a_password_must_be_entered_again_and_is_never_shown(alice):
    secret = "correct horse"
    stale = browser().post("/accounts/login/", {"login": "alice", "password": secret})
    text = stale.content.decode()
    assert secret not in text
    assert 'type="password"' in text
    assert fresh_fields(stale)["login"] == "alice"


def test_files_must_be_chosen_again(alice):
    stale = browser(alice).post("/settings/profile", {"avatar": SimpleUploadedFile("a.png", b"x")})
    assert stale.status_code == 403
    assert re.search(r'<form [^>]*enctype="multipart/form-data"', stale.content.decode())
    assert '<input type="file"' in stale.content.decode()


def test_a_form_of_another_site_cannot_be_sent_again(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for origin in ("https://evil.example", "null"):
        stale = client.post("/posts", {"text": "Buy this"}, headers={"Origin": origin})
        assert stale.status_code == 403
        assert "Buy this" not in stale.content.decode()
        assert "<form method" not in stale.content.decode()


def test_htmx_gets_a_toast_and_the_new_token_and_keeps_the_form(alice):
    client = browser(alice)
    headers = {"HX-Request": "true"}
    stale = client.post("/posts", {"text": TEXT}, headers=headers)
    assert stale.status_code == 403
    assert stale["HX-Reswap"] == "none"
    said = json.loads(stale["HX-Trigger"])
    assert "try again" in said["toast"]["text"]
    sent = client.post(
        "/posts", {"text": TEXT, "csrfmiddlewaretoken": said["csrf"]["token"]}, headers=headers
    )
    assert sent.status_code < 300
    assert Post.objects.get().text == TEXT


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
@pytest.mark.parametrize(
    ("wanted", "there"),
    [("", "/"), ("/settings/profile", "/settings/profile"), ("https://evil.example", "/")],
)
def test_signing_in_in_a_second_tab_continues(alice, path, wanted, there):
    Member.objects.update(onboarded_at=alice.joined_at)
    client = browser()
    page = client.get("/accounts/login/").content.decode()
    token = token_in(page)
    fields = {"login": "alice", "password": "correct horse", "csrfmiddlewaretoken": token}
    fields |= {"next": wanted} if wanted else {}
    assert client.post("/accounts/login/", fields).status_code == 302
    second = client.post(path, fields, follow=True)
    assert second.redirect_chain[-1][0] == there
    assert client.get("/settings").status_code == 200


def test_apps_get_json(alice):
    answer = browser(alice).post("/api/posts", {"text": TEXT}, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["error"] in ("stale_form", "forbidden", "permission_denied")


def test_every_field_is_escaped(alice):
    odd = {
        '"><script>alert(1)</script>': '"><script>alert(2)</script>',
        "text": "</textarea><script>alert(3)</script>",
    }
    stale = browser(alice).post("/posts", odd)
    assert "<script>alert" not in stale.content.decode()
