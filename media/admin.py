from django.contrib import admin

from core.admin import ReadOnlyAdmin
from media.models import Attachment, DiscardedFile, Encoding, Upload


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "kind", "state", "post", "size", "created_at")
    list_filter = ("kind", "state", "created_at")
    search_fields = ("=id", "owner__username", "alt")
    list_select_related = ("owner", "post")


@admin.register(DiscardedFile)
class DiscardedFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "attempts", "due_at")
    search_fields = ("name",)


@admin.register(Encoding)
class EncodingAdmin(ReadOnlyAdmin):
    list_display = ("attachment", "demuxer", "attempts", "due_at", "failed_at", "error")
    list_filter = ("demuxer", "failed_at")
    list_select_related = ("attachment",)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "length", "offset", "created_at", "expires_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
