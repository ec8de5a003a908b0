from django.contrib import admin

from core.admin import ReadOnlyAdmin
from messaging.models import Conversation, Participation


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Shows that two members talk, not their messages."""

    list_display = ("id", "created_at")
    search_fields = ("=id",)
    exclude = ("last_message", "pair")


@admin.register(Participation)
class ParticipationAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "member", "unread")
    search_fields = ("=conversation__id", "member__username")
    list_select_related = ("conversation", "member")
