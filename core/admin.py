from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from core.ids import MAX_ID
from core.models import Delivery, IdempotencyKey, OutboxEvent, QueuedMail
from core.refusals import BadRequest


def check_names(model_admin: Any, request: HttpRequest) -> None:
    """Refuse what Django’s admin doesn’t check: selected keys that aren’t keys, fields without a name, and filters with
    NUL, which PostgreSQL rejects. Raises BadRequest.
    """
    if any("\0" in text for name, values in request.GET.lists() for text in (name, *values)):
        raise BadRequest
    if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
        raise BadRequest
    for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME):
        try:
            model_admin.model._meta.pk.to_python(ticked)
        except ValidationError:
            raise BadRequest from None


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A read-only admin page; only actions write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        # Django checks whether a number fits into a column, but not for foreign keys.
        key = self.model._meta.pk.to_python(object_id) if object_id.lstrip("-").isdecimal() else 0
        if (isinstance(key, int) and abs(key) > MAX_ID) or "\0" in object_id:
            return None
        return super().get_object(request, object_id, from_field)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # A field that isn’t shown can’t be guessed letter by letter either: ?session_key__startswith=a
        hidden = lookup.partition("__")[0] in (self.exclude or ())
        return not hidden and super().lookup_allowed(lookup, value, request)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            ("parked", "Parked"),
            ("waiting", "Waiting"),
            ("delivered", "Delivered"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> QuerySet[OutboxEvent]:
        match self.value():
            case "parked":
                return queryset.exclude(parked_at=None)
            case "waiting":
                return queryset.filter(OutboxEvent.WAITING)
            case "delivered":
                return queryset.exclude(delivered_at=None)
        return queryset


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "name",
        "created_at",
        "attempts",
        "delivered_at",
        "parked_at",
        "error",
    )
    list_filter = (StateFilter, "name")
    search_fields = ("=id", "name", "trace_id", "error")
    actions = ("try_again",)

    @admin.action(description="Retry the selected parked events")
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        from core.actions import unpark_events

        count = unpark_events(ids=list(queryset.values_list("id", flat=True)))
        self.message_user(request, f"{count} events will be retried.", messages.SUCCESS)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event", "subscriber")
    search_fields = ("=event__id", "subscriber")
    list_select_related = ("event",)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    list_display = ("purpose", "actor_id", "result_id", "created_at")
    search_fields = ("=actor_id", "=result_id")
    exclude = ("key", "fingerprint")


@admin.register(QueuedMail)
class QueuedMailAdmin(ReadOnlyAdmin):
    list_display = ("id", "to", "subject", "created_at", "due_at", "refusals", "given_up_at", "error")
    list_filter = (("given_up_at", admin.EmptyFieldListFilter),)
    search_fields = ("=id", "to", "subject", "error")
    exclude = ("sealed_body",)
    actions = ("try_again",)

    @admin.action(description="Retry the selected emails")
    def try_again(self, request: HttpRequest, queryset: QuerySet[QueuedMail]) -> None:
        from core.actions import retry_mails

        count = retry_mails(ids=list(queryset.values_list("id", flat=True)))
        self.message_user(request, f"{count} emails will be retried.", messages.SUCCESS)
