from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import Member
from core.http import viewer_of
from core.pages import paginate
from feed.queries.about import community_counts
from feed.queries.explore import latest_posts, people_to_follow
from feed.queries.timeline import following_timeline
from feed.views.lists import render_posts


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the people one follows write; for a visitor, what this place is."""
    viewer = viewer_of(request)
    return _welcome(request) if viewer is None else _following(request, viewer)


def _following(request: HttpRequest, viewer: Member) -> HttpResponse:
    cursor = request.GET.get("cursor")
    page = following_timeline(viewer, cursor=cursor)
    suggested = [] if page or cursor else list(people_to_follow(viewer))
    return render_posts(request, "feed/home.html", page, tab="following", suggested=suggested, nav="home")


def _welcome(request: HttpRequest) -> HttpResponse:
    page = paginate(latest_posts(None), cursor=request.GET.get("cursor"))
    return render_posts(
        request,
        "feed/welcome.html",
        page,
        counts=community_counts(),
        rules=settings.COMMUNITY_RULES,
        nav="home",
    )
