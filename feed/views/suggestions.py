import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import signed_in
from accounts.models import Member
from accounts.queries import visible_member_by_id
from core.http import current_page, redirect_back, render_fragment_or_redirect
from core.text import isolated
from feed.actions.suggestions import suggest_again
from feed.queries.suggestions import SuggestedMember, suggestions_for
from feed.views.lists import render_suggestions
from social.actions import dismiss_suggestion

SIDEBAR_LIMIT = 3


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """List who to follow, with reasons."""
    return render_suggestions(request, "feed/suggestions.html", signed_in(request), nav="explore")


@require_safe
def sidebar_suggestions(request: HttpRequest) -> HttpResponse:
    """Show the first suggestions in the sidebar, which loads them when it comes into view."""
    return render(request, "feed/_sidebar_suggestions.html", _sidebar(request, signed_in(request)))


@require_POST
def dismiss(request: HttpRequest, user_id: int) -> HttpResponse:
    """Dismiss a suggestion. With `?beside`, the next one takes its place in the sidebar."""
    by = signed_in(request)
    member = visible_member_by_id(user_id, viewer=by)
    dismiss_suggestion(member=member, by=by)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("feed:suggestions")),
        fragment="feed/_sidebar_suggestions.html" if "beside" in request.GET else "",
        context=lambda: _sidebar(request, by),
        message=_("%(name)s won’t be suggested again.") % {"name": isolated(member.name)},
        kind="info",
        undo=reverse("feed:restore_suggestion", args=[user_id]),
    )


@require_POST
def restore(request: HttpRequest, user_id: int) -> HttpResponse:
    by = signed_in(request)
    member = visible_member_by_id(user_id, viewer=by)
    suggest_again(member=member, by=by)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("feed:suggestions")),
        message=_("%(name)s may be suggested again.") % {"name": isolated(member.name)},
        toast="",
        status=204,
    )


def _sidebar(request: HttpRequest, viewer: Member) -> dict[str, Any]:
    found: list[SuggestedMember] = suggestions_for(viewer, size=SIDEBAR_LIMIT + 1).items
    # On a profile page, its member is shown already, with the same button.
    profile = re.match(r"/@(\w+)", current_page(request))
    return {"suggested": [s for s in found if not profile or s.member.username != profile[1]][:SIDEBAR_LIMIT]}
