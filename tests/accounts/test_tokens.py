"""Apps sign in at /_allauth/app/v1 and use tokens."""

import jwt
import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.response import Response

from accounts import actions
from config.urls import urlpatterns as site_urls
from core.secret_key import new_rsa_key
from tests.accounts.conftest import sign_in

APP = "/_allauth/app/v1"


@api_view()
def whoami(request):
    return Response({"username": request.user.username if request.user.is_authenticated else None})


urlpatterns = [path("api/whoami-for-tests", whoami), *site_urls]
pytestmark = pytest.mark.urls(__name__)


def ask(access, client=None):
    return (client or Client()).get("/api/whoami-for-tests", headers={"Authorization": f"Bearer {access}"})


def log_in(client, **credentials):
    data = credentials or {"username": "alice", "password": "correct horse"}
    return client.post(f"{APP}/auth/login", data, content_type="application/json")


@pytest.fixture
def tokens(alice):
    response = log_in(Client())
    assert response.status_code == 200, response.content
    return response.json()["meta"]


def test_an_app_signs_in_and_uses_its_token(tokens):
    assert tokens["is_authenticated"]
    assert ask(tokens["access_token"]).json() == {"username": "alice"}
    assert ask("rubbish").status_code == 401


def test_an_address_signs_in_too(alice):
    assert log_in(Client(), email="alice@example.com", password="correct horse").status_code == 200


def test_a_wrong_password_gets_no_token(alice):
    response = log_in(Client(), username="alice", password="no")
    assert response.status_code == 400
    assert "access_token" not in response.content.decode()


def test_refreshing_invalidates_the_old_refresh_token(tokens):
    refresh = {"refresh_token": tokens["refresh_token"]}
    response = Client().post(f"{APP}/tokens/refresh", refresh, content_type="application/json")
    assert response.status_code == 200
    fresh = response.json()["data"]
    assert ask(fresh["access_token"]).json() == {"username": "alice"}
    again = Client().post(f"{APP}/tokens/refresh", refresh, content_type="application/json")
    assert again.status_code == 400


def test_signing_out_invalidates_the_tokens_at_once(tokens, heard):
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    response = Client().delete(f"{APP}/auth/session", headers=bearer)
    assert response.status_code == 401, "allauth says: not signed in any more"
    assert ask(tokens["access_token"]).status_code == 401
    refreshed = Client().post(
        f"{APP}/tokens/refresh", {"refresh_token": tokens["refresh_token"]}, content_type="application/json"
    )
    assert refreshed.status_code == 400
    assert len(heard("accounts.SessionEnded")) == 1


def test_ending_an_apps_session_invalidates_its_tokens(tokens, client):
    sign_in(client)
    client.post("/settings/sessions/end")
    assert ask(tokens["access_token"]).status_code == 401


def test_a_new_password_invalidates_the_tokens(tokens, client):
    sign_in(client)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": "correct horse", "password1": "another sentence", "password2": "another sentence"},
    )
    assert ask(tokens["access_token"]).status_code == 401


def test_closing_the_account_invalidates_the_tokens(tokens, alice):
    admin = type(alice).objects.create_superuser("boss", "boss@example.com", "correct horse")
    actions.deactivate_member(member=alice, by=admin)
    assert ask(tokens["access_token"]).status_code == 401


def test_a_token_signed_by_another_key_is_refused(tokens):
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert ask(jwt.encode(claims, new_rsa_key(), algorithm="RS256")).status_code == 401
    assert ask(jwt.encode(claims, "", algorithm="none")).status_code == 401


def test_a_refresh_token_is_no_access_token(tokens):
    assert ask(tokens["refresh_token"]).status_code == 401


def test_an_apps_session_is_in_the_list(tokens, client):
    assert UserSession.objects.count() == 1
    sign_in(client)
    assert "Sign out everywhere else" in client.get("/settings/sessions").content.decode()


def test_only_the_app_client_is_available(client, db):
    assert client.get("/_allauth/browser/v1/config").status_code == 404
    assert client.get(f"{APP}/config").status_code == 200


def test_an_app_signs_up(db, heard):
    response = Client().post(
        f"{APP}/auth/signup",
        {"email": "dora@example.com", "username": "dora", "password": "a long sentence"},
        content_type="application/json",
    )
    assert response.status_code == 200, response.content
    assert ask(response.json()["meta"]["access_token"]).json() == {"username": "dora"}
    assert len(heard("accounts.MemberJoined")) == 1
