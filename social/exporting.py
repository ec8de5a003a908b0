"""A member's relations to others, for their data export (config/exports.py)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records
from core.db import in_chunks
from core.ids import time_of
from social.models import Dismissal, Follow, FollowRequest, List, ListEntry, Mute, MutedWord


def relations(member: Member) -> Iterator[Part]:
    there = Member.objects.visible_to(member)
    yield Records(
        "following",
        _("Following"),
        _people(Follow.objects.by(member).filter(followee__in=there), "followee"),
    )
    yield Records(
        "followers",
        _("Followers"),
        _people(Follow.objects.of(member).filter(follower__in=there), "follower"),
    )
    sent = FollowRequest.objects.filter(requester=member, member__in=there)
    yield Records("follow_requests_sent", _("Follow requests you’ve sent"), _people(sent, "member"))
    got = FollowRequest.objects.filter(member=member, requester__in=there)
    yield Records("follow_requests", _("Follow requests you’ve received"), _people(got, "requester"))
    yield Records("mutes", _("Muted accounts"), _mutes(member))
    yield Records("muted_words", _("Muted words"), _words(member))
    yield Records("lists", _("Your lists"), _lists(member))
    yield Records("dismissed_suggestions", _("Dismissed suggestions"), _dismissed(member))


def _people(rows: Any, field: str) -> Iterator[Record]:
    for chunk in in_chunks(rows.select_related(field)):
        for row in chunk:
            other: Member = getattr(row, field)
            yield {"username": other.username, "name": other.display_name, "since": row.created_at}


def _mutes(member: Member) -> Iterator[Record]:
    rows = Mute.objects.filter(muter=member, muted__in=Member.objects.visible_to(member))
    for chunk in in_chunks(rows.select_related("muted")):
        for row in chunk:
            yield {
                "username": row.muted.username,
                "with_notifications": row.with_notifications,
                "until": row.until,
                "since": row.created_at,
            }


def _words(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(MutedWord.objects.filter(member=member)):
        for row in chunk:
            yield {
                "word": row.text,
                "act": row.act,
                "in_home": row.in_home,
                "in_notifications": row.in_notifications,
                "in_threads": row.in_threads,
                "in_search": row.in_search,
                "until": row.until,
                "since": row.created_at,
            }


def _lists(member: Member) -> Iterator[Record]:
    for found in List.objects.filter(owner=member).order_by("pk"):
        entries = ListEntry.objects.filter(list=found, member__in=Member.objects.visible_to(member))
        yield {
            "title": found.title,
            "replies": found.replies,
            "is_exclusive": found.is_exclusive,
            "made_at": found.created_at,
            "people": list(entries.order_by("pk").values_list("member__username", flat=True)),
        }


def _dismissed(member: Member) -> Iterator[Record]:
    there = Member.objects.visible_to(member)
    rows = Dismissal.objects.filter(member=member, dismissed__in=there).select_related("dismissed")
    for chunk in in_chunks(rows):
        for row in chunk:
            yield {"username": row.dismissed.username, "since": time_of(row.pk)}
