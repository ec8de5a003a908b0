from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import signed_in, viewer_of
from accounts.models import Member
from core.http import render_page_or_fragment
from core.pages import Page, more_url, paginate
from posts.queries import viewer_marks
from search.completion import completions
from search.queries import search_members, search_posts
from social.queries import following_of, relations_of
from social.queries.lists import list_entries, on_list_among, own_list

MAX_QUERY_LENGTH = 200
SUGGESTED = 10
POSTS, PEOPLE = "posts", "people"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the search page; for HTMX only the results or, with a cursor, the next part of the list."""
    query = _query_text(request)
    kind = PEOPLE if request.GET.get("in") == PEOPLE else POSTS
    cursor = request.GET.get("cursor")
    context = {
        "q": query,
        "kind": kind,
        "tabs": [
            (POSTS, _("Posts"), _url(query, POSTS)),
            (PEOPLE, _("People"), _url(query, PEOPLE)),
        ],
        "other_url": _url(query, POSTS if kind == PEOPLE else PEOPLE),
        **(_member_results if kind == PEOPLE else _post_results)(request, query, cursor),
    }
    return render_page_or_fragment(
        request,
        "search/search.html",
        {**context, "part": True},
        fragment="search/_results.html",
        more="social/_member_list.html" if kind == PEOPLE else "posts/_post_list.html",
        page_context=lambda: {"part": False},
    )


@require_safe
def list_members(request: HttpRequest, list_id: int) -> HttpResponse:
    """Show the members of your list or, with `q`, members to add, who are found by the search of this app."""
    viewer = signed_in(request)
    found = own_list(list_id, viewer)
    query = _query_text(request)
    cursor = request.GET.get("cursor")
    address = reverse("search:list_members", args=[found.pk])
    context: dict[str, Any] = {"list": found, "q": query, "nav": "lists", "quiet": True}
    if query:
        page: Page[Member] = search_members(query, viewer=viewer, cursor=cursor)
        address += f"?{urlencode({'q': query})}"
    else:
        rows = paginate(list_entries(found, viewer=viewer), cursor=cursor)
        page = Page([row.member for row in rows.items], rows.next_cursor)
        if not page and not cursor:
            followed = following_of(viewer, viewer=viewer)[:SUGGESTED]
            context["suggested"] = [follow.followee for follow in followed]
    shown = page.items + context.get("suggested", [])
    context |= {
        "page": page,
        "on": on_list_among(found, [member.pk for member in shown]),
        "relations": relations_of(viewer, [member.pk for member in shown]),
        "more_url": address,
    }
    return render_page_or_fragment(
        request,
        "search/list_members.html",
        context,
        fragment="search/_list_members.html",
        more="search/_member_rows.html",
    )


@require_safe
def autocomplete(request: HttpRequest) -> HttpResponse:
    """Return the options for a mention or hashtag that is being typed, for the list box of a composer."""
    found = completions(request.GET.get("q", ""), viewer=signed_in(request))
    return render(request, "search/_completions.html", {"people": found.people, "tags": found.tags})


def _query_text(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:MAX_QUERY_LENGTH].replace("\0", "").strip()


def _post_results(request: HttpRequest, query: str, cursor: str | None) -> dict[str, Any]:
    viewer = viewer_of(request)
    page = search_posts(query, viewer=viewer, cursor=cursor)
    return {"page": page, "marks": viewer_marks(page.items, viewer), "more_url": _url(query, POSTS)}


def _member_results(request: HttpRequest, query: str, cursor: str | None) -> dict[str, Any]:
    viewer = viewer_of(request)
    page = search_members(query, viewer=viewer, cursor=cursor)
    return {
        "page": page,
        "relations": relations_of(viewer, [member.pk for member in page.items]),
        "more_url": more_url(_url(query, PEOPLE), page),
    }


def _url(query: str, kind: str) -> str:
    return f"{reverse('search:search')}?{urlencode({'q': query, 'in': kind})}"
