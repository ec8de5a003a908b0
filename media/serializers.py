import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api import Id, Input
from media.addresses import address_of
from media.models import Attachment


class Focus(serializers.CharField):
    """Two numbers from -1 to 1: what must stay visible when a picture is cropped. `0,0` is its middle."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        found = re.fullmatch(r"(-?[01](?:\.\d{1,6})?), ?(-?[01](?:\.\d{1,6})?)", text, re.ASCII)
        if not found:
            raise serializers.ValidationError(_("Enter two numbers from -1 to 1: 0.5,-0.2"))
        return float(found[1]), float(found[2])


class AttachmentIn(Input):
    file = serializers.FileField(allow_empty_file=True)
    alt = serializers.CharField(required=False, allow_blank=True)
    focus = Focus(required=False)


class AttachmentEditIn(Input):
    alt = serializers.CharField(required=False, allow_blank=True)
    focus = Focus(required=False)


class AttachmentOut(serializers.ModelSerializer[Attachment]):
    id = Id()
    url = serializers.SerializerMethodField(help_text="Works for some minutes; read the attachment again.")
    preview_url = serializers.SerializerMethodField()
    fallback_url = serializers.SerializerMethodField(help_text="JPEG, for clients without WebP.")
    focus = serializers.CharField()

    class Meta:
        model = Attachment
        fields = (
            "id", "kind", "state", "url", "preview_url", "fallback_url", "width", "height", "duration", "blurhash",
            "alt", "focus",
        )  # fmt: skip

    def get_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "large.webp")

    def get_preview_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "small.webp")

    def get_fallback_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "large.jpg")
