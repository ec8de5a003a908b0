"""Render pages with a list of posts, members or suggestions."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.http import viewer_of
from accounts.models import Member
from core.http import render_page_or_fragment
from core.pages import Page, more_url
from feed.queries.suggestions import suggestions_for
from posts.models import Post
from posts.queries import viewer_marks
from social.queries import relations_of

PageContext = Callable[[], dict[str, Any]]
"""What only the whole page needs."""


def render_posts(
    request: HttpRequest,
    template: str,
    page: Page[Post],
    *,
    above: Sequence[Post] = (),
    more: str = "posts/_post_list.html",
    page_context: PageContext | None = None,
    **context: Any,
) -> HttpResponse:
    """Render the page `template` with this list, or only the rest of the list. `above`: posts shown above it."""
    context = {"more_url": request.path, **context}
    marks = viewer_marks([*above, *page.items], viewer_of(request))
    context |= {"page": page, "above": above, "marks": marks}
    return render_page_or_fragment(request, template, context, more=more, page_context=page_context)


def render_members(request: HttpRequest, template: str, page: Page[Member], **context: Any) -> HttpResponse:
    relations = relations_of(viewer_of(request), [member.pk for member in page.items])
    context |= {"page": page, "relations": relations, "more_url": more_url(context["more_url"], page)}
    return render_page_or_fragment(request, template, context, more="social/_member_list.html")


def render_suggestions(request: HttpRequest, template: str, viewer: Member, **context: Any) -> HttpResponse:
    """Render the page `template` with suggestions, or only the rest of the list."""
    page = suggestions_for(viewer, cursor=request.GET.get("cursor"))
    context |= {"page": page, "more_url": more_url(context.get("more_url", request.path), page)}
    return render_page_or_fragment(request, template, context, more="feed/_suggestion_list.html")
