from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.http import viewer_of
from accounts.queries import visible_member
from core.http import render_fragment_or_redirect
from feed.queries.profile import bio_html
from social.queries import known_followers_among, relations_of


@require_safe
def hovercard(request: HttpRequest, username: str) -> HttpResponse:
    """Show a summary of a member in a card (static/js/hovercard.js). Without HTMX, redirect to the profile."""
    viewer = viewer_of(request)
    member = visible_member(username, viewer=viewer)
    response = render_fragment_or_redirect(
        request,
        redirect(member),
        fragment="feed/_hovercard.html",
        context=lambda: {
            "member": member,
            "bio_html": bio_html(member) if member.bio else "",
            "relations": relations_of(viewer, [member.pk]),
            "known": known_followers_among(viewer, [member.pk]).get(member.pk),
        },
    )
    # The page keeps it briefly (hovercard.js), until something changes; no HTTP cache may store it.
    patch_cache_control(response, private=True, no_store=True)
    return response
