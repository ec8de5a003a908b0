from django import template
from django.utils.safestring import SafeString

from media.addresses import address_of
from media.hints import focus_classes, placeholder, shown_size, width_of
from media.models import Attachment

register = template.Library()


@register.filter
def address(attachment: Attachment, variant: str) -> SafeString:
    """Return the signed address of a variant: `{{ picture|address:"large.webp" }}`."""
    return SafeString(address_of(attachment, variant))


@register.filter
def hint(attachment: Attachment) -> SafeString:
    return SafeString(placeholder(attachment.blurhash))


register.filter("shown_size", shown_size)
register.filter("width_of", width_of)
register.filter("focus_classes", focus_classes)


@register.filter
def bars(attachment: Attachment) -> SafeString:
    """Return the waveform of an audio file as an SVG path: a line for each part, from the middle up and down."""
    heights = (max(3, min(int(part), 96)) for part in attachment.waveform)
    return SafeString("".join(f"M{x}.5 {50 - high / 2:g}v{high}" for x, high in enumerate(heights)))
