from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from core.http import viewer_of, wants_fragment
from posts.queries import viewer_marks
from search.queries import found_members, found_posts
from social.queries import relations_of

QUERY_SHOWN = 200
POSTS, PEOPLE = "posts", "people"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The page; with a cursor asked by HTMX the next part of its list, otherwise asked by HTMX its results."""
    query = request.GET.get("q", "")[:QUERY_SHOWN].replace("\0", "").strip()
    kind = PEOPLE if request.GET.get("in") == PEOPLE else POSTS
    cursor = request.GET.get("cursor")
    context = {
        "q": query,
        "kind": kind,
        "tabs": [(key, label, _address(query, key)) for key, label in ((POSTS, "Posts"), (PEOPLE, "People"))],
        "other_url": _address(query, POSTS if kind == PEOPLE else PEOPLE),
        **(_people if kind == PEOPLE else _posts)(request, query, cursor),
    }
    # Coming back through the history takes the whole page again.
    part = wants_fragment(request) and "HX-History-Restore-Request" not in request.headers
    if part and cursor:
        template = "social/_people_list.html" if kind == PEOPLE else "posts/_post_list.html"
    else:
        template = "search/_results.html" if part else "search/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _posts(request: HttpRequest, query: str, cursor: str | None) -> dict[str, Any]:
    viewer = viewer_of(request)
    page = found_posts(query, viewer=viewer, cursor=cursor)
    return {"page": page, "marks": viewer_marks(page.items, viewer), "more_url": _address(query, POSTS)}


def _people(request: HttpRequest, query: str, cursor: str | None) -> dict[str, Any]:
    viewer = viewer_of(request)
    page = found_members(query, viewer=viewer, cursor=cursor)
    return {
        "page": page,
        "relations": relations_of(viewer, [member.pk for member in page.items]),
        "more_url": _address(query, PEOPLE, page.next_cursor) if page.next_cursor else "",
    }


def _address(query: str, kind: str, cursor: str = "") -> str:
    asked = {"q": query, "in": kind} | ({"cursor": cursor} if cursor else {})
    return f"{reverse('search:search')}?{urlencode(asked)}"
