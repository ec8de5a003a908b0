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
from feed.queries.suggestions import Suggested, suggestions_for
from feed.views.lists import render_suggestions
from social.actions import dismiss_suggestion

BESIDE = 3


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Everybody whom the member may want to follow, and why."""
    return render_suggestions(request, "feed/suggestions.html", signed_in(request), nav="explore")


@require_safe
def suggestions_beside(request: HttpRequest) -> HttpResponse:
    """The first few, which the side column brings when it comes into sight."""
    return render(request, "feed/_suggestions_beside.html", _beside(request, signed_in(request)))


@require_POST
def dismiss(request: HttpRequest, user_id: int) -> HttpResponse:
    """`?beside`: the next one takes the place in the side column."""
    by = signed_in(request)
    member = visible_member_by_id(user_id, viewer=by)
    dismiss_suggestion(member=member, by=by)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("feed:suggestions")),
        fragment="feed/_suggestions_beside.html" if "beside" in request.GET else "",
        context=lambda: _beside(request, by),
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


def _beside(request: HttpRequest, viewer: Member) -> dict[str, Any]:
    found: list[Suggested] = suggestions_for(viewer, size=BESIDE + 1).items
    # Whose profile it is stands there already, with the same button.
    profile = re.match(r"/@(\w+)", current_page(request))
    return {"suggested": [s for s in found if not profile or s.member.username != profile[1]][:BESIDE]}
