from django.contrib import admin

from core.admin import ReadOnlyAdmin
from search.models import MemberDocument, Pending, PostDocument, Renewal


@admin.register(PostDocument)
class PostDocumentAdmin(ReadOnlyAdmin):
    list_display = ("post_id", "audience", "author_words", "words")
    search_fields = ("=post__id",)


@admin.register(MemberDocument)
class MemberDocumentAdmin(ReadOnlyAdmin):
    list_display = ("member_id", "handle_words", "name_words")
    search_fields = ("=member__id", "handle_words")


@admin.register(Pending)
class PendingAdmin(ReadOnlyAdmin):
    list_display = ("kind", "object_id", "since")
    list_filter = ("kind",)
    search_fields = ("=object_id",)


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "analysis", "after")
