from django.contrib import admin

from core.admin import ReadOnlyAdmin
from search.models import MemberDocument, Pending, PostDocument, Renewal


@admin.register(PostDocument)
class PostDocumentAdmin(ReadOnlyAdmin):
    list_display = ("post_id", "audience", "author_terms", "terms")
    search_fields = ("=post__id",)


@admin.register(MemberDocument)
class MemberDocumentAdmin(ReadOnlyAdmin):
    list_display = ("member_id", "username_terms", "name_terms")
    search_fields = ("=member__id", "username_terms")


@admin.register(Pending)
class PendingAdmin(ReadOnlyAdmin):
    list_display = ("kind", "object_id", "since")
    list_filter = ("kind",)
    search_fields = ("=object_id",)


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "analysis", "after")
