"""What every list of posts or people does at the door."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.http import viewer_of
from accounts.models import Member
from core.http import wants_fragment
from core.pages import Page, more_url
from feed.queries.suggestions import suggestions_for
from posts.models import Post
from posts.queries import viewer_marks
from social.queries import relations_of


def more_asked(request: HttpRequest) -> bool:
    """HTMX asks for the rest of a list that is on the page already."""
    return wants_fragment(request) and "cursor" in request.GET


def render_posts(request: HttpRequest, template: str, page: Page[Post], **context: Any) -> HttpResponse:
    """The page `template` with this list, or only the rest of the list."""
    context |= {"page": page, "marks": viewer_marks(page.items, viewer_of(request))}
    return _render(request, template, "posts/_post_list.html", context)


def render_people(request: HttpRequest, template: str, page: Page[Member], **context: Any) -> HttpResponse:
    relations = relations_of(viewer_of(request), [member.pk for member in page.items])
    context |= {"page": page, "relations": relations, "more_url": more_url(context["more_url"], page)}
    return _render(request, template, "social/_people_list.html", context)


def render_suggestions(request: HttpRequest, template: str, viewer: Member, **context: Any) -> HttpResponse:
    """The page `template` with whom the viewer may want to follow, or only the rest of the list."""
    page = suggestions_for(viewer, cursor=request.GET.get("cursor"))
    context |= {"page": page, "more_url": more_url(context.get("more_url", request.path), page)}
    return _render(request, template, "feed/_suggestion_list.html", context)


def _render(request: HttpRequest, template: str, fragment: str, context: dict[str, Any]) -> HttpResponse:
    context.setdefault("more_url", request.path)
    return render(request, fragment if more_asked(request) else template, context)
