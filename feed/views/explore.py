from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.http import viewer_of
from core.pages import Page, paginate
from feed.queries.explore import explore_members, latest_posts, posts_tagged
from feed.queries.trending import trending_posts, trending_tags
from feed.views.lists import render_members, render_posts, render_suggestions
from posts.queries import follows_tag, visible_tag

TABS = [
    ("trending", _("Trending")),
    ("tags", _("Hashtags")),
    ("people", _("People")),
    ("latest", _("Latest")),
]
MEMBER_ORDERS = {"popular": ("-followers_count", "-id"), "new": ("-id",)}


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    viewer, cursor = viewer_of(request), request.GET.get("cursor")
    asked = request.GET.get("tab")
    tab = asked if asked in dict(TABS) else "trending"
    address = reverse("feed:explore")
    context: dict[str, Any] = {
        "nav": "explore",
        "tab": tab,
        "tabs": [(key, label, f"{address}?tab={key}") for key, label in TABS],
        "more_url": f"{address}?tab={tab}",
    }
    if tab == "tags":
        return render(request, "feed/explore.html", context | {"tags": trending_tags(viewer=viewer)})
    if tab == "people" and viewer is not None and request.GET.get("order") not in MEMBER_ORDERS:
        context |= {"order": "suggested", "more_url": f"{address}?tab=people"}
        return render_suggestions(request, "feed/explore.html", viewer, **context)
    if tab == "people":
        order = "new" if request.GET.get("order") == "new" else "popular"
        page = paginate(explore_members(viewer), cursor=cursor, keys=MEMBER_ORDERS[order])
        context |= {"order": order, "more_url": f"{address}?tab=people&order={order}"}
        return render_members(request, "feed/explore.html", page, **context)
    if tab == "latest":
        return render_posts(request, "feed/explore.html", latest_posts(viewer, cursor=cursor), **context)
    return render_posts(request, "feed/explore.html", Page(trending_posts(viewer), ""), **context)


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    # The viewer first, which sets Vary: the response for a tag with only hidden posts must equal that for an unused
    # one.
    viewer = viewer_of(request)
    found = visible_tag(name, viewer=viewer)
    page = posts_tagged(found, viewer=viewer, cursor=request.GET.get("cursor"))
    followed = follows_tag(viewer, found)
    return render_posts(request, "feed/tag.html", page, tag=found, followed=followed, nav="explore")
