"""Clients that return error pages instead of raising exceptions."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Member


def web(member: Member | None = None, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if member is not None:
        client.force_login(member)
    return client


def app(member: Member) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(member)
    return client
