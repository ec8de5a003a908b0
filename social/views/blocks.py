from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in, viewer_of
from accounts.queries import visible_member
from core.http import redirect_back, redirect_page, render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url, paginate
from core.refusals import NotFound
from social.actions import block_member, unblock_member
from social.queries.requests import blocked_member, blocks_by


@require_http_methods(["GET", "HEAD", "POST"])
def block(request: HttpRequest, username: str) -> HttpResponse:
    """Show what a block does and ask for confirmation, or block. With JavaScript, a dialog asks instead.

    With `post` in the query, the response replaces the post whose menu was used.
    """
    by = signed_in(request)
    member = blocked_member(by, username) or visible_member(username, viewer=by)
    if request.method != "POST":
        return render(request, "social/block.html", {"member": member})
    block_member(member=member, by=by)
    message = _("You blocked @%(username)s.") % {"username": member.username}
    if "post" not in request.GET:
        messages.success(request, message)
        return redirect_page(request, member.get_absolute_url())
    return render_fragment_or_redirect(
        request,
        redirect(member),
        fragment="social/_blocked_post.html",
        context={"member": member},
        message=message,
        kind="info",
        undo=reverse("social:unblock", args=[member.username]),
    )


@require_POST
def unblock(request: HttpRequest, username: str) -> HttpResponse:
    by = signed_in(request)
    member = blocked_member(by, username)
    if member is None:
        # Unblocked already.
        member = visible_member(username, viewer=by)
    unblock_member(member=member, by=by)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, member.get_absolute_url()),
        fragment="social/_unblocked.html",
        context={"member": member},
        message=_("@%(username)s unblocked.") % {"username": member.username},
        toast="",
    )


@require_safe
def blocked(request: HttpRequest) -> HttpResponse:
    by = signed_in(request)
    page = paginate(blocks_by(by), cursor=request.GET.get("cursor"))
    context = {"page": page, "more_url": more_url(reverse("social:blocked"), page), "nav": "settings"}
    return render_page_or_fragment(
        request, "social/blocked.html", context, fragment="social/_blocked_list.html"
    )


def blocked_profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show the blocker a profile page that only offers to unblock. Raises NotFound for everyone else."""
    member = blocked_member(viewer_of(request), username)
    if member is None:
        raise NotFound(_("This account doesn’t exist."))
    return render(request, "social/blocked_profile.html", {"member": member})
