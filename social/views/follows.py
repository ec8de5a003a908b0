from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import signed_in, viewer_of
from accounts.models import Member
from accounts.queries import visible_member
from core.http import redirect_back, render_fragment_or_redirect, render_page_or_fragment
from core.pages import Page, more_url, paginate
from core.text import isolated
from social.actions import follow_member, remove_follower, show_reposts, unfollow_member
from social.models import Follow
from social.queries import followers_of, following_of, known_followers_of, relations_of
from social.queries.follows import can_see_follows


@require_POST
def follow(request: HttpRequest, username: str) -> HttpResponse:
    by = signed_in(request, back=lambda: _button_of(visible_member(username, viewer=None)))
    member = visible_member(username, viewer=by)
    follow_member(member=member, by=by)
    return _relation_changed(request, member, by)


@require_POST
def unfollow(request: HttpRequest, username: str) -> HttpResponse:
    by = signed_in(request)
    member = visible_member(username, viewer=by)
    unfollow_member(member=member, by=by)
    return _relation_changed(request, member, by)


@require_POST
def hide_reposts(request: HttpRequest, username: str) -> HttpResponse:
    return _reposts_shown(request, username, False)


@require_POST
def unhide_reposts(request: HttpRequest, username: str) -> HttpResponse:
    return _reposts_shown(request, username, True)


@require_safe
def followers(request: HttpRequest, username: str) -> HttpResponse:
    return _people(request, username, followers_of, person="follower", tab="followers")


@require_safe
def following(request: HttpRequest, username: str) -> HttpResponse:
    return _people(request, username, following_of, person="followee", tab="following")


@require_safe
def known_followers(request: HttpRequest, username: str) -> HttpResponse:
    """Show the followers whom the viewer follows."""
    return _people(request, username, known_followers_of, person="follower", tab="known_followers")


@require_POST
def remove(request: HttpRequest, username: str) -> HttpResponse:
    """Remove a follower of the signed-in member."""
    by = signed_in(request)
    follower = visible_member(username, viewer=by)
    removed = remove_follower(follower=follower, by=by)
    message = _("Removed %(name)s from your followers.") if removed else _("%(name)s doesn’t follow you.")
    message %= {"name": isolated(follower.name)}
    back = redirect_back(request, reverse("social:followers", args=[by.username]))
    return render_fragment_or_redirect(request, back, message=message, kind="info")


def _button_of(member: Member) -> str:
    """Return the place of the button that a guest has pressed, to press it again after signing in."""
    return f"{member.get_absolute_url()}#follow-button-{member.pk}"


def _relation_changed(request: HttpRequest, member: Member, by: Member) -> HttpResponse:
    """Render the button and what depends on it on the page, or redirect back."""

    def context() -> dict[str, object]:
        member.refresh_from_db(fields=["followers_count"])
        return {
            "member": member,
            "relations": relations_of(by, [member.pk]),
            "small": "small" in request.GET,
        }

    back = redirect_back(request, member.get_absolute_url())
    return render_fragment_or_redirect(
        request, back, fragment="social/_relation_changed.html", context=context
    )


def _reposts_shown(request: HttpRequest, username: str, shown: bool) -> HttpResponse:
    by = signed_in(request)
    member = visible_member(username, viewer=by)
    show_reposts(member=member, by=by, shown=shown)
    message = (
        _("Reposts by %(name)s appear in your home feed.") if shown else _("Reposts by %(name)s are hidden.")
    )
    return render_fragment_or_redirect(
        request,
        redirect_back(request, member.get_absolute_url()),
        fragment="social/_reposts_item.html",
        context={"member": member, "without_reposts": not shown},
        message=message % {"name": isolated(member.name)},
    )


def _people(
    request: HttpRequest,
    username: str,
    follows_of: Callable[..., "QuerySet[Follow]"],
    *,
    person: str,
    tab: str,
) -> HttpResponse:
    """Render one tab of a member's followers: from each of `follows_of(member)` the member at its end `person`."""
    viewer = viewer_of(request)
    member = visible_member(username, viewer=viewer)
    rows = paginate(follows_of(member, viewer=viewer), cursor=request.GET.get("cursor"))
    page: Page[Member] = Page([getattr(row, person) for row in rows.items], rows.next_cursor)
    own = reverse(f"social:{tab}", args=[member.username])
    tabs = [
        ("followers", _("Followers"), reverse("social:followers", args=[member.username])),
        ("following", pgettext("noun", "Following"), reverse("social:following", args=[member.username])),
    ]
    if viewer is not None and viewer.pk != member.pk:
        tabs.insert(
            0,
            (
                "known_followers",
                _("Followers you know"),
                reverse("social:known_followers", args=[member.username]),
            ),
        )
    context = {
        "member": member,
        "page": page,
        "removable": viewer == member and tab == "followers",
        "can_see_follows": bool(page) or can_see_follows(member, viewer=viewer),
        "relations": relations_of(viewer, [person.pk for person in page.items]),
        "more_url": more_url(own, page),
        "tab": tab,
        "tabs": tabs,
    }
    return render_page_or_fragment(
        request, "social/follows.html", context, fragment="social/_member_list.html"
    )
