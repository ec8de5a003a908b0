"""What moderators read. Every function here calls `moderators_only` first."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.db.models import Count, Max, Q, QuerySet

from accounts.models import Member
from core.pages import Page, paginate
from core.refusals import NotFound
from media.queries import attachments_of
from moderation.models import Case, Decision, Report, Review, fingerprint
from moderation.queries.access import moderators_only
from posts.models import Post
from posts.queries import Marks

log = logging.getLogger("kith.moderation")

R = TypeVar("R", Review, Decision)


class Tab(StrEnum):
    WAITING = "waiting"
    REPORTS = "reports"
    NEW = "new"
    DECIDED = "decided"


@dataclass
class QueueItem:
    """A post in the queue, with what a moderator needs to decide about it."""

    post: Post
    case: Case | None
    seen: str
    reports: list[Report] = field(default_factory=list)
    review: Review | None = None
    last_decision: Decision | None = None
    author_decisions: dict[str, int] = field(default_factory=dict)
    own: bool = False
    marks: Marks = field(default_factory=Marks)
    """The attachments, as cards get them."""

    @property
    def likely_rule(self) -> str:
        """The rule to preselect for a removal."""
        if self.reports:
            return self.reports[0].rule
        return self.review.category if self.review else ""

    @property
    def acts(self) -> list[str]:
        """What the moderator can do with the post now."""
        if self.own:
            return []
        return possible_acts(self.post, has_case=self.case is not None, last=self.last_decision)


def possible_acts(post: Post, *, has_case: bool, last: Decision | None) -> list[str]:
    """Return what a moderator can do; `last` is the last decision about the post."""
    match post.state:
        case Post.State.PENDING | Post.State.HELD:
            return [Decision.Act.PUBLISH, Decision.Act.REMOVE]
        case Post.State.PUBLISHED if has_case:
            return [Decision.Act.DISMISS, Decision.Act.REMOVE]
        case Post.State.PUBLISHED if last is not None and last.act == Decision.Act.DISMISS:
            return [Decision.Act.REOPEN, Decision.Act.REMOVE]
        case Post.State.PUBLISHED:
            return [Decision.Act.REMOVE]
        case Post.State.REMOVED:
            return [Decision.Act.RESTORE]
    return []


def tab_counts(viewer: Member | None) -> dict[str, int]:
    """Count the open cases in each tab of the queue, in one query."""
    moderators_only(viewer)
    new = Q(reason=Case.Reason.NEW_MEMBER, reports_count=0)
    return Case.objects.open().aggregate(
        waiting=Count("id", filter=~Q(reason__in=(Case.Reason.REPORTED, Case.Reason.NEW_MEMBER))),
        reports=Count("id", filter=Q(reports_count__gt=0)),
        new=Count("id", filter=new),
    )


def queue_page(
    tab: Tab, viewer: Member | None, *, cursor: str | None = None, size: int = 20
) -> Page[QueueItem]:
    """Return the open cases in a tab, most urgent first; in "decided", the posts that moderators decided about last."""
    moderator = moderators_only(viewer)
    if tab is Tab.DECIDED:
        return _decided_page(moderator, cursor=cursor, size=size)
    cases: QuerySet[Case] = {
        Tab.WAITING: Case.objects.open().of_review(),
        Tab.REPORTS: Case.objects.open().reported(),
        Tab.NEW: Case.objects.open().of_new_members(),
    }[tab]
    page = paginate(
        cases.select_related("post__author", "post__in_reply_to__author", "post__quote_of__author"),
        cursor=cursor,
        keys=("-urgency", "id"),
        size=size,
    )
    items = _items([(case.post, case) for case in page.items], moderator)
    return Page(items, page.next_cursor)


def queue_item(post_id: int, viewer: Member | None) -> QueueItem:
    """Return one post in any state. Raise NotFound if there is none or its author deleted it."""
    moderator = moderators_only(viewer)
    post = (
        Post.objects.exclude(state=Post.State.DELETED)
        .select_related("author", "in_reply_to__author", "quote_of__author")
        .filter(pk=post_id)
        .first()
    )
    if post is None:
        raise NotFound
    case = Case.objects.open().filter(post=post).first()
    return _items([(post, case)], moderator)[0]


@dataclass(frozen=True)
class History:
    decisions: list[Decision]
    reports: list[Report]
    reviews: list[Review]


def moderation_history(post: Post, viewer: Member | None) -> History:
    """Return the decisions, reports and reviews of a post, newest first."""
    moderators_only(viewer)
    return History(
        list(Decision.objects.filter(post=post).order_by("-id")[:50]),
        list(Report.objects.filter(post=post).select_related("reporter").order_by("-id")[:50]),
        list(Review.objects.filter(post=post).order_by("-id")[:50]),
    )


def log_page(
    viewer: Member | None, *, people_only: bool = False, cursor: str | None = None, size: int = 30
) -> Page[Decision]:
    """Return the decision log, newest first."""
    moderators_only(viewer)
    decisions = Decision.objects.select_related("author")
    if people_only:
        decisions = decisions.by_people()
    return paginate(decisions, cursor=cursor, keys=("-id",), size=size)


def reports_page(
    viewer: Member | None, *, decided: bool = False, cursor: str | None = None, size: int = 20
) -> Page[Report]:
    """Return open reports, oldest first; or decided ones, newest first."""
    moderators_only(viewer)
    rows = Report.objects.select_related("reporter", "post__author").exclude(post__state=Post.State.DELETED)
    if decided:
        return paginate(rows.exclude(decided_at=None), cursor=cursor, keys=("-decided_at", "-id"), size=size)
    return paginate(rows.open(), cursor=cursor, keys=("id",), size=size)


def seen_version(post: Post, last_decision_id: int | None) -> str:
    """Return a token of what a moderator has seen: the text, the state and the last decision about the post."""
    return f"{post.state}.{last_decision_id or 0}.{fingerprint(post.words)[:16]}"


def _decided_page(moderator: Member, *, cursor: str | None, size: int) -> Page[QueueItem]:
    latest = Decision.objects.by_people().of_posts().values("post").annotate(last=Max("id")).values("last")
    page = paginate(
        Decision.objects.filter(id__in=latest)
        .exclude(post=None)
        .exclude(post__state=Post.State.DELETED)
        .select_related("post__author", "post__in_reply_to__author", "post__quote_of__author"),
        cursor=cursor,
        size=size,
    )
    posts = [decision.post for decision in page.items if decision.post is not None]
    cases = {case.post_id: case for case in Case.objects.open().filter(post__in=[post.id for post in posts])}
    return Page(_items([(post, cases.get(post.id)) for post in posts], moderator), page.next_cursor)


def _items(rows: Sequence[tuple[Post, Case | None]], moderator: Member) -> list[QueueItem]:
    """Load what the queue shows of these posts, in a constant number of queries."""
    ids = [post.id for post, case in rows]
    if not ids:
        return []
    hidden = [post.id for post, case in rows if post.state != Post.State.PUBLISHED]
    if hidden:
        log.info("@%s views posts that are hidden from others: %s", moderator.username, hidden)
    reports: dict[int, list[Report]] = defaultdict(list)
    for report in Report.objects.open().filter(post__in=ids).select_related("reporter").order_by("id")[:500]:
        reports[report.post_id].append(report)
    reviews = _latest_of(Review.objects.exclude(state=Review.State.REPLACED), ids)
    decisions = _latest_of(Decision.objects.of_posts(), ids)
    earlier: dict[int, dict[str, int]] = defaultdict(dict)
    for author_id, act, count in (
        Decision.objects.by_people()
        .filter(author__in={post.author_id for post, case in rows})
        .order_by()
        .values_list("author", "act")
        .annotate(count=Count("id"))
    ):
        earlier[author_id][act] = count
    with_media = [post.id for post, case in rows if post.media_count]
    media = attachments_of(with_media) if with_media else {}
    return [
        QueueItem(
            post=post,
            case=case,
            seen=seen_version(post, decisions[post.id].id if post.id in decisions else None),
            reports=reports[post.id],
            review=reviews.get(post.id),
            last_decision=decisions.get(post.id),
            author_decisions=earlier[post.author_id],
            own=post.author_id == moderator.id,
            marks=Marks(media={post.id: media[post.id]}) if post.id in media else Marks(),
        )
        for post, case in rows
    ]


def _latest_of(rows: "QuerySet[R]", post_ids: Iterable[int]) -> "dict[int, R]":
    """Return the newest row of each post, in one query."""
    newest = rows.filter(post__in=post_ids).order_by().values("post").annotate(last=Max("id")).values("last")
    return {row.post_id: row for row in rows.filter(id__in=newest)}
