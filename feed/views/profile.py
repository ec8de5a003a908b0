from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import viewer_of
from accounts.models import Member
from accounts.queries import visible_member
from core.pages import Page, paginate
from core.refusals import NotFound
from feed.queries.profile import bio_html, likes_of, media_of, pins_and_posts_of, replies_of
from feed.views.lists import render_posts
from posts.models import Post
from social.queries import Relations, can_read_posts, known_followers_among, relations_of
from social.queries.requests import pending_request_count
from social.views import blocked_profile


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    viewer = viewer_of(request)
    try:
        member = visible_member(username, viewer=viewer)
    except NotFound:
        return blocked_profile(request, username)
    pinned, page = pins_and_posts_of(member, viewer=viewer, cursor=request.GET.get("cursor"))
    return _profile(request, member, page, tab="posts", pinned=pinned)


@require_safe
def replies(request: HttpRequest, username: str) -> HttpResponse:
    viewer = viewer_of(request)
    member = visible_member(username, viewer=viewer)
    page = replies_of(member, viewer=viewer, cursor=request.GET.get("cursor"))
    return _profile(request, member, page, tab="replies")


@require_safe
def media(request: HttpRequest, username: str) -> HttpResponse:
    """Show the pictures and videos of a member’s posts in a grid."""
    viewer = viewer_of(request)
    member = visible_member(username, viewer=viewer)
    page = media_of(member, viewer=viewer, cursor=request.GET.get("cursor"))
    return _profile(request, member, page, tab="media")


@require_safe
def likes(request: HttpRequest, username: str) -> HttpResponse:
    """Show your own likes. For everyone else this page doesn’t exist."""
    viewer = viewer_of(request)
    member = visible_member(username, viewer=viewer)
    if viewer is None or viewer.pk != member.pk:
        raise NotFound
    rows = paginate(likes_of(member), cursor=request.GET.get("cursor"))
    return _profile(request, member, Page([row.post for row in rows.items], rows.next_cursor), tab="likes")


def _profile(
    request: HttpRequest, member: Member, page: Page[Post], *, tab: str, pinned: Sequence[Post] = ()
) -> HttpResponse:
    return render_posts(
        request,
        "feed/profile.html",
        page,
        above=pinned,
        more="feed/_media_grid.html" if tab == "media" else "posts/_post_list.html",
        page_context=lambda: _page_context(request, member, tab),
    )


def _page_context(request: HttpRequest, member: Member, tab: str) -> dict[str, Any]:
    viewer = viewer_of(request)
    own = viewer is not None and viewer.pk == member.pk
    relations = Relations() if own else relations_of(viewer, [member.pk])
    tabs = [
        ("posts", _("Posts"), reverse("feed:profile", args=[member.username])),
        ("replies", _("Replies"), reverse("feed:replies", args=[member.username])),
        ("media", _("Media"), reverse("feed:media", args=[member.username])),
    ]
    if own:
        tabs.append(("likes", _("Likes"), reverse("feed:likes", args=[member.username])))
    return {
        "member": member,
        "own": own,
        "muting": member.pk in relations.muting,
        "without_reposts": member.pk in relations.without_reposts,
        "following": member.pk in relations.following,
        "requested": member.pk in relations.requested,
        "asking": member.pk in relations.asking,
        "waiting": pending_request_count(member) if own and member.is_private else 0,
        "can_read_posts": can_read_posts(member, viewer=viewer, relations=relations),
        "follows_you": member.pk in relations.followed_by,
        "mutual": member.pk in relations.mutual,
        "known": known_followers_among(viewer, [member.pk]).get(member.pk),
        "bio_html": bio_html(member),
        "tab": tab,
        "tabs": tabs,
        "nav": "profile" if own else "",
    }
