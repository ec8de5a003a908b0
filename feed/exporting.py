"""Export the log of what a member saw and did, which For you learns from (config/exports.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records
from core.db import in_chunks
from feed.models import Interaction


def log(member: Member) -> Iterator[Part]:
    yield Records("interactions", _("What you saw and did, which shapes For you"), _interactions(member))


def _interactions(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Interaction.objects.filter(member=member)):
        for row in chunk:
            yield {
                "post": str(row.post_id),
                "kind": row.kind,
                "list": row.source,
                "position": row.position,
                "milliseconds": row.dwell_ms,
                "at": row.at,
            }
