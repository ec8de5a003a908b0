"""Read who to follow. Suggestions may be hours old, so check again whether each may still be shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.queries import topics
from core.pages import PAGE_SIZE, Page, paginate
from feed.models import Suggestion
from feed.suggestions.pools import fold_place
from social.models import Dismissal, Follow, FollowRequest, Mute
from social.queries import NO_KNOWN_FOLLOWERS, KnownFollowersSummary, known_followers_among, relations_of

Reason = Suggestion.Reason


@dataclass(frozen=True, slots=True)
class SuggestedMember:
    """A member to follow, with the reason in words for the viewer."""

    member: Member
    reason: str
    text: str
    known: KnownFollowersSummary
    follows_you: bool


def suggestions_for(
    viewer: Member, *, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[SuggestedMember]:
    """Return a page of suggestions, best first. Raise Invalid for a bad cursor."""
    page = paginate(_shown(viewer), cursor=cursor, keys=("-score", "-suggested_id"), size=size)
    ids = [row.suggested_id for row in page.items]
    by_friends = [row.suggested_id for row in page.items if row.reason == Reason.FOLLOWED]
    known = known_followers_among(viewer, by_friends)
    follows_you = relations_of(viewer, ids).followed_by
    named = {topic.key: topic.name for topic in topics()}
    return Page(
        [
            SuggestedMember(
                row.suggested,
                row.reason,
                _text(row, known, named),
                known.get(row.suggested_id, NO_KNOWN_FOLLOWERS),
                row.suggested_id in follows_you,
            )
            for row in page.items
        ],
        page.next_cursor,
    )


def has_suggestions(viewer: Member, *, at_least: int) -> bool:
    return len(_shown(viewer)[:at_least].values_list("pk")) == at_least


def _shown(viewer: Member) -> "QuerySet[Suggestion]":
    """Leave out members who no longer exist, don’t want to be suggested, are blocked, muted or dismissed, or whom the
    viewer follows or has requested to follow.
    """
    suggested = OuterRef("suggested_id")
    rows = Suggestion.objects.filter(
        Exists(Member.objects.visible_to(viewer).filter(pk=suggested, is_discoverable=True)), member=viewer
    )
    for done in (
        Follow.objects.by(viewer).filter(followee=suggested),
        FollowRequest.objects.filter(requester=viewer, member=suggested),
        Mute.objects.active().filter(muter=viewer, muted=suggested),
        Dismissal.objects.filter(member=viewer, dismissed=suggested),
    ):
        rows = rows.exclude(Exists(done))
    return rows.select_related("suggested")


def _text(
    row: Suggestion, known: Mapping[int, KnownFollowersSummary], topics_named: Mapping[str, str]
) -> str:
    """Return the reason in words. A reason that no longer holds isn’t given."""
    kind, __, subject = row.detail.partition(":")
    if row.reason == Reason.FOLLOWED and row.suggested_id in known:
        return known[row.suggested_id].text
    if row.reason == Reason.INTERESTS and kind == "topic" and subject in topics_named:
        return _("Also interested in %(topic)s") % {"topic": topics_named[subject]}
    if row.reason == Reason.INTERESTS and kind == "tag" and subject:
        return _("Posts about #%(tag)s") % {"tag": subject}
    if row.reason == Reason.NEARBY and fold_place(row.suggested.location) == fold_place(row.detail):
        return _("Popular in %(place)s") % {"place": row.detail}
    return _("Popular here") if row.reason == Reason.POPULAR else _("Suggested for you")
