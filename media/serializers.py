import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api import Id, Input
from media.addresses import address_of
from media.models import CAPTIONS, Attachment, Upload


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


class CaptionsIn(Input):
    file = serializers.FileField(allow_empty_file=True)


class AttachmentEditIn(Input):
    alt = serializers.CharField(required=False, allow_blank=True)
    focus = Focus(required=False)


class UploadOut(serializers.ModelSerializer[Upload]):
    id = Id()

    class Meta:
        model = Upload
        fields = ("id", "offset", "length", "expires_at")


class AttachmentOut(serializers.ModelSerializer[Attachment]):
    id = Id()
    url = serializers.SerializerMethodField(help_text="Works for some minutes; read the attachment again.")
    preview_url = serializers.SerializerMethodField()
    fallback_url = serializers.SerializerMethodField(help_text="JPEG, for clients without WebP.")
    small_url = serializers.SerializerMethodField(help_text="A video for phones.")
    hls_url = serializers.SerializerMethodField(help_text="A playlist (HLS) of videos above two minutes.")
    captions_url = serializers.SerializerMethodField(help_text="Captions of a video as WebVTT.")
    focus = serializers.CharField()
    waveform: Any = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="How loud audio is, from 0 to 100, in equal parts of its time.",
    )
    progress = serializers.IntegerField(help_text="Of processing, in percent.")
    problem = serializers.CharField(help_text="Why it failed, for its owner.")

    class Meta:
        model = Attachment
        fields = (
            "id", "kind", "state", "url", "preview_url", "fallback_url", "small_url", "hls_url", "captions_url",
            "width", "height", "duration", "blurhash", "waveform", "alt", "focus", "progress", "problem",
        )  # fmt: skip

    def get_url(self, attachment: Attachment) -> str:
        return address_of(attachment, attachment.main_variant)

    def get_small_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "small.mp4")

    def get_hls_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "hls.m3u8")

    def get_captions_url(self, attachment: Attachment) -> str:
        return address_of(attachment, CAPTIONS)

    def get_preview_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "small.webp")

    def get_fallback_url(self, attachment: Attachment) -> str:
        return address_of(attachment, "large.jpg")
