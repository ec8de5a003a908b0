from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, encode_cursor, filled, paginate
from core.refusals import NotFound
from notifications.models import FromWhom, Notification, NotificationGroup, NotificationKind, Preference
from posts.models import Post
from posts.muting import mute_filter_for
from social.queries import followed_among

SHOWN_ACTORS = 6
UNSEEN_CAP = 100
MISSED_MAX = 20
COMMIT_DELAY_MS = 10_000
"""Ids are created before the commit: for this long, a smaller id may become visible after a greater one."""


@dataclass(frozen=True)
class Entry:
    """One entry of the page: a group and those of its notifications that the viewer may see."""

    group: NotificationGroup
    latest: Notification
    actors: list[Member]
    """The latest few, newest first; empty for notifications from moderators."""
    total: int
    unread: int
    mutual: bool = False
    """For a single new follower: the viewer follows them too."""

    @property
    def named(self) -> list[Member]:
        """Return the actors to name: two, or three if there are no others to count."""
        return self.actors if self.total <= 3 else self.actors[:2]

    @property
    def others(self) -> int:
        return self.total - len(self.named)

    @property
    def post(self) -> Post | None:
        return self.group.post


def entries(
    viewer: Member, *, conversations: bool = False, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Entry]:
    """Return a page of groups, the one with the newest notification first. `conversations`: replies and mentions
    only.

    A group’s place is that of its newest notification that the viewer may see. Posts with a muted word are left out
    or hidden behind a warning. Four queries, and a fifth if there are new followers on the page.
    """
    seen = Notification.objects.visible_to(viewer)
    newer = seen.filter(group=OuterRef("group"), pk__gt=OuterRef("pk"))
    newest = seen.filter(~Exists(newer)).select_related("group__post__author")
    if conversations:
        newest = newest.conversations()
    mute_filter = mute_filter_for(viewer)

    def keep(rows: Sequence[Notification]) -> list[Notification]:
        posts = _posts_of([row.group for row in rows])
        shown = {post.pk for post in mute_filter.apply(posts, "notifications")}
        return [row for row in rows if row.post_id is None or row.post_id in shown]

    page = filled(
        lambda at, n: paginate(newest, cursor=at, size=n),
        keep,
        cursor=cursor,
        cursor_of=lambda row: encode_cursor([row.pk]),
        size=size,
    )
    return Page(_build_entries(viewer, [row.group for row in page.items]), page.next_cursor)


def entry_with(notification_id: int, *, viewer: Member) -> Entry:
    """Return the entry that this notification belongs to. Raises NotFound."""
    groups = NotificationGroup.objects.visible_to(viewer).with_related()
    found = list(groups.filter(notifications=notification_id))
    mute_filter_for(viewer).mark(_posts_of(found), "notifications")
    entries = _build_entries(viewer, found)
    if not entries:
        raise NotFound(_("This notification is no longer available."))
    return entries[0]


def visible_notification(notification_id: int, *, viewer: Member) -> Notification:
    """Return the notification. Raises NotFound."""
    found = Notification.objects.visible_to(viewer).with_related().filter(pk=notification_id).first()
    if found is None:
        raise NotFound(_("This notification is no longer available."))
    return found


def unseen_count(viewer: Member) -> int:
    """Return the number of the badge: notifications since the page was last opened, counted up to 100."""
    return Notification.objects.visible_to(viewer).unseen()[:UNSEEN_CAP].count()


def has_unread(viewer: Member) -> bool:
    return Notification.objects.visible_to(viewer).unread().exists()


def missed_since(viewer: Member, after: int) -> list[Notification]:
    """Return unseen notifications newer than `after`, oldest first and at most the latest 20.

    Starts a little before `after`, so that none that committed late is left out; the page knows which it has
    shown.
    """
    unseen = Notification.objects.visible_to(viewer).unseen().filter(id__gt=after - (COMMIT_DELAY_MS << 22))
    return list(unseen.order_by("-id")[:MISSED_MAX])[::-1]


def _posts_of(groups: Sequence[NotificationGroup]) -> list[Post]:
    return [group.post for group in groups if group.post is not None]


def _build_entries(viewer: Member, groups: Sequence[NotificationGroup]) -> list[Entry]:
    rows = (
        Notification.objects.visible_to(viewer)
        .filter(group__in=groups)
        .annotate(
            place=Window(RowNumber(), partition_by=F("group"), order_by=F("id").desc()),
            total=Window(Count("id"), partition_by=F("group")),
            unread=Window(Count("id", filter=Q(read_at=None)), partition_by=F("group")),
        )
        .filter(place__lte=SHOWN_ACTORS)
        .select_related("actor", "decision", "report")
        .order_by("-id")
    )
    of_group: dict[int, list[Notification]] = {}
    for row in rows:
        of_group.setdefault(row.group_id, []).append(row)
    # A group that was emptied since the query before is left out.
    shown = [(group, of_group[group.id]) for group in groups if group.id in of_group]
    followers = [
        rows[0].actor_id for group, rows in shown if group.kind == NotificationKind.FOLLOW and len(rows) == 1
    ]
    followed = followed_among(viewer, followers) if followers else set()
    return [
        Entry(
            group=group,
            latest=rows[0],
            actors=[row.actor for row in rows if row.actor is not None],
            total=rows[0].total,  # type: ignore[attr-defined]
            unread=rows[0].unread,  # type: ignore[attr-defined]
            mutual=group.kind == NotificationKind.FOLLOW and len(rows) == 1 and rows[0].actor_id in followed,
        )
        for group, rows in shown
    ]


def wants_notification(member: Member, kind: NotificationKind, *, by: Member | None) -> bool:
    """Return whether `member` wants to be notified when `by`, or a moderator, does something of this kind."""
    preference = Preference.objects.filter(member=member, kind=kind).first()
    if preference is None:
        return True
    if by is not None and preference.from_whom == FromWhom.FOLLOWED:
        return preference.in_page and by.pk in followed_among(member, [by.pk])
    return preference.in_page


def preferences_of(member: Member) -> list[Preference]:
    """Return one preference for each kind, saved or not."""
    chosen = {preference.kind: preference for preference in Preference.objects.filter(member=member)}
    return [chosen.get(kind) or Preference(member=member, kind=kind) for kind in NotificationKind]
