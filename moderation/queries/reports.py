"""Reports and decisions, as the members they concern see them."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, paginate
from core.refusals import Forbidden, NotFound
from moderation.models import Decision, Report
from posts.models import Post


def reportable_post(post_id: int, viewer: Member) -> Post:
    """Return a post that `viewer` may report. Raise NotFound if they can't see it, Forbidden if it is their own."""
    post = Post.objects.visible_to(viewer).select_related("author").filter(pk=post_id).first()
    if post is None:
        raise NotFound
    if post.author_id == viewer.id:
        raise Forbidden(_("You can’t report your own post. You can edit or delete it."))
    return post


def open_report(post: Post, reporter: Member) -> Report | None:
    return Report.objects.open().filter(post=post, reporter=reporter).first()


def reports_by(member: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Report]:
    """Return the member's reports, newest first; `report.shown` is the post if they may see it."""
    page = paginate(Report.objects.filter(reporter=member), cursor=cursor, size=size)
    ids = [report.post_id for report in page.items]
    shown = Post.objects.visible_to(member).select_related("author").in_bulk(ids)
    for report in page.items:
        report.shown = shown.get(report.post_id)
    return page


def decisions_on(member: Member, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Decision]:
    """Return the decisions about the member's posts, newest first."""
    return paginate(
        Decision.objects.on_posts_of(member).select_related("post__author"), cursor=cursor, size=size
    )


def report_rules() -> list[dict[str, str]]:
    """Return what a report can choose from: the community rules, then “something else”."""
    return [
        *settings.COMMUNITY_RULES,
        {"id": "other", "title": _("Something else"), "text": _("Tell us in your own words what’s wrong.")},
    ]
