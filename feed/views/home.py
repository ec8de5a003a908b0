from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.http import reminds_to_confirm, viewer_of
from accounts.models import Member
from core.pages import Page
from feed.queries.about import community_counts, stewards
from feed.queries.explore import latest_posts
from feed.queries.for_you import for_you
from feed.queries.suggestions import suggestions_for
from feed.queries.timeline import followed_tags_of, following_timeline
from feed.views.lists import render_posts
from posts.models import Post


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home feed; to visitors, what this site is."""
    viewer = viewer_of(request)
    if viewer is None:
        return _welcome(request)
    return _for_you(request, viewer) if request.GET.get("tab") == "for-you" else _following(request, viewer)


TABS = [("following", gettext_lazy("Following"), "/"), ("for-you", gettext_lazy("For you"), "/?tab=for-you")]


def _following(request: HttpRequest, viewer: Member) -> HttpResponse:
    page = following_timeline(viewer, cursor=request.GET.get("cursor"))
    return _home(
        request,
        viewer,
        page,
        "following",
        because=followed_tags_of(viewer, page.items),
        end_text=_("You’re all caught up."),
    )


def _for_you(request: HttpRequest, viewer: Member) -> HttpResponse:
    page = for_you(viewer, cursor=request.GET.get("cursor"))
    return _home(
        request, viewer, page, "for-you", more_url="/?tab=for-you", end_text=_("You’ve reached the end.")
    )


def _home(request: HttpRequest, viewer: Member, page: Page[Post], tab: str, **context: Any) -> HttpResponse:
    nothing_yet = not page and not page.next_cursor and "cursor" not in request.GET
    suggested = suggestions_for(viewer, size=5).items if nothing_yet else []
    confirm = "cursor" not in request.GET and reminds_to_confirm(request, viewer)
    context |= {"tabs": TABS, "tab": tab, "suggested": suggested, "confirm_address": confirm, "nav": "home"}
    return render_posts(request, "feed/home.html", page, **context)


def _welcome(request: HttpRequest) -> HttpResponse:
    page = latest_posts(None, cursor=request.GET.get("cursor"))
    return render_posts(
        request,
        "feed/welcome.html",
        page,
        counts=community_counts(),
        rules=settings.COMMUNITY_RULES,
        operator=settings.SITE_OPERATOR,
        stewards=stewards()[:3],
    )
