"""Muting members, who aren't notified."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in
from accounts.queries import visible_member
from core.forms import accepts_fields, cleaned
from core.http import current_page, redirect_back, render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url, paginate
from core.refusals import NotFound
from social.actions import mute_member, unmute_member
from social.forms import MuteForm, duration_in
from social.queries import mute_of, mutes_by


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*MuteForm.base_fields)
def mute(request: HttpRequest, username: str) -> HttpResponse:
    """Ask how long to mute a member, on a page or, for HTMX, in a dialog; or mute them."""
    by = signed_in(request)
    member = visible_member(username, viewer=by)
    if member.pk == by.pk:
        raise NotFound
    if request.method == "POST":
        form = MuteForm(request.POST)
        given = cleaned(form)
        mute_member(
            member=member,
            by=by,
            for_=duration_in(form),
            with_notifications=given["notifications"],
        )
        message = _("Muted @%(username)s. They aren’t told.") % {"username": member.username}
        # The dialog is removed, and the toast says what happened.
        return render_fragment_or_redirect(
            request,
            redirect_back(request, member.get_absolute_url()),
            message=message,
            undo=reverse("social:unmute", args=[member.username]),
            events=lambda: {"muted": {"username": member.username}},
        )
    now = mute_of(by, member)
    form = MuteForm(initial={"duration": "", "notifications": now.with_notifications if now else True})
    context = {
        "member": member,
        "form": form,
        "mute": now,
        "next": current_page(request, member.get_absolute_url()),
    }
    return render_page_or_fragment(request, "social/mute.html", context, fragment="social/_mute_dialog.html")


@require_POST
def unmute(request: HttpRequest, username: str) -> HttpResponse:
    by = signed_in(request)
    member = visible_member(username, viewer=by)
    unmute_member(member=member, by=by)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, member.get_absolute_url()),
        fragment="" if "row" in request.GET else "social/_mute_item.html",
        context={"member": member, "muting": None},
        message=_("@%(username)s unmuted.") % {"username": member.username},
    )


@require_safe
def muted(request: HttpRequest) -> HttpResponse:
    """List the muted members, and until when."""
    page = paginate(mutes_by(signed_in(request)), cursor=request.GET.get("cursor"))
    context = {"page": page, "more_url": more_url(request.path, page)}
    return render_page_or_fragment(request, "social/muted.html", context, fragment="social/_muted_list.html")
