from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.http import viewer_of
from core.pages import Page, paginate
from core.refusals import NotFound
from feed.queries.explore import UNUSED, latest_posts, people, posts_tagged, tag_named
from feed.queries.trending import trending_posts, trending_tags
from feed.views.lists import render_people, render_posts

TABS = [("trending", "Trending"), ("tags", "Tags"), ("people", "People"), ("latest", "Latest")]
PEOPLE_ORDERS = {"popular": ("-followers_count", "-id"), "new": ("-id",)}


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
        return render(request, "feed/explore.html", context | {"tags": trending_tags()})
    if tab == "people":
        order = "new" if request.GET.get("order") == "new" else "popular"
        page = paginate(people(viewer), cursor=cursor, keys=PEOPLE_ORDERS[order])
        context |= {"order": order, "more_url": f"{address}?tab=people&order={order}"}
        return render_people(request, "feed/explore.html", page, **context)
    if tab == "latest":
        return render_posts(
            request, "feed/explore.html", paginate(latest_posts(viewer), cursor=cursor), **context
        )
    return render_posts(request, "feed/explore.html", Page(list(trending_posts(viewer)), ""), **context)


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    found = tag_named(name)
    rows = paginate(
        posts_tagged(found, viewer=viewer_of(request)), cursor=request.GET.get("cursor"), keys=("-post_id",)
    )
    if not rows:
        # A tag of hidden posts only is like one that nobody has used.
        raise NotFound(UNUSED)
    page = Page([row.post for row in rows.items], rows.next_cursor)
    return render_posts(request, "feed/tag.html", page, tag=found, nav="explore")
