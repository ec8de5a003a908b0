"""Every admin page works: each list searched, filtered, sorted and paged, and each detail page, with ordinary and
unusual values. Models are discovered, so new ones are covered.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote as quote_key
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from posts.models import Post
from tests.factories import make_member, make_post
from tests.visibility.world import signed_in

pytestmark = pytest.mark.django_db

HUGE = "9" * 30
# Together in one request: search applies before ordering, and ordering before pagination.
ODD = [
    {"q": "1", "o": "abc", "p": "0"},
    {"q": "rain", "o": "99", "p": "2"},
    {"q": "\0", "o": "-", "p": "abc"},
    {"q": HUGE, "o": "1.1.-1", "p": HUGE},
    {"q": "'\"%_\\", "o": HUGE, "p": "-1"},
    {"q": str(2**63), "e": "1"},
    {"nonsense": "1"},
    {"pk": "abc"},
    {"id__gt": HUGE},
    {"_to_field": "x"},
    {"_popup": "1", "all": "", "q": "🙂"},
]
ONE_OF = {"moderation.TrendReview": "post", "notifications.Notification": "actor"}
"""The nullable field to fill, for models that require one of several."""
ODD_KEYS = ["-1", str(2**63), "abc", "\0"]


@pytest.fixture
def root(db: None) -> Iterator[Client]:
    logging.disable(logging.ERROR)
    yield signed_in(make_member("root", is_staff=True, is_superuser=True))
    logging.disable(logging.NOTSET)


def some(model: type[models.Model]) -> models.Model:
    """Create a row of any model, with the values its fields need."""
    if model is Member:
        return make_member()
    if model is Post:
        return make_post(make_member())
    found = model._default_manager.first()
    if found is not None:
        return found
    return model._default_manager.create(
        **{
            each.name: _value(each)
            for each in model._meta.concrete_fields
            if each.name == ONE_OF.get(model._meta.label)
            or not (each.has_default() or each.null or isinstance(each, models.AutoField))
        }
    )


def _value(field: models.Field[Any, Any]) -> Any:
    match field:
        case models.ForeignKey():
            return some(field.related_model)
        case _ if field.choices:
            return list(field.flatchoices)[0][0]
        case models.DateTimeField():
            return timezone.now() + timedelta(days=1)
        case models.DateField():
            return timezone.now().date()
        case models.GenericIPAddressField():
            return "192.0.2.1"
        case models.IntegerField() | models.FloatField():
            return 1
        case models.JSONField():
            return {}
    return "some"[: field.max_length]


def addresses(model: type[models.Model], options: Any, member: Member) -> Iterator[str]:
    where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    there = reverse(f"{where}_changelist")
    columns = range(1, len(options.list_display) + 1)
    yield f"{there}?o={'.'.join(map(str, columns))}"
    yield f"{there}?o={'.'.join(f'-{n}' for n in columns)}"
    yield from (f"{there}?{urlencode(odd)}" for odd in ODD)
    request = RequestFactory().get(there)
    request.user = member
    changes = options.get_changelist_instance(request)
    for spec in changes.filter_specs:
        yield from (there + choice["query_string"] for choice in list(spec.choices(changes))[1:4])
        yield f"{there}?{urlencode(dict.fromkeys(spec.expected_parameters(), 'x'))}"
        yield f"{there}?{urlencode(dict.fromkeys(spec.expected_parameters(), HUGE))}"
    if options.date_hierarchy:
        for parts in (
            {"year": 2026},
            {"year": 2026, "month": 2, "day": 3},
            {"year": 2026, "month": 13},
            {"year": "x"},
        ):
            yield f"{there}?" + urlencode(
                {f"{options.date_hierarchy}__{part}": n for part, n in parts.items()}
            )
    yield reverse(f"{where}_add")
    key = some(model).pk
    for page in ("change", "history", "delete"):
        yield reverse(f"{where}_{page}", args=[quote_key(str(key))])
        yield f"{there}{HUGE}/{page}/"
    yield from (f"{there}{quote(odd, safe='')}/change/" for odd in ODD_KEYS)


def test_no_admin_page_fails(root: Client) -> None:
    member = Member.objects.get(username="root")
    failed, asked = [], 0
    for model, options in admin.site._registry.items():
        for address in addresses(model, options, member):
            asked += 1
            status = root.get(address).status_code
            if status >= 500:
                failed.append(f"{status} {address}")
    assert not failed, "\n" + "\n".join(failed)
    assert asked > 500
