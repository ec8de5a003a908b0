from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in
from accounts.models import Member
from core.forms import accepts_fields, cleaned
from core.http import redirect_back, render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url
from notifications import actions
from notifications.forms import ABOUT, WITHOUT_FROM_WHOM, PreferencesForm
from notifications.models import FromWhom, NotificationKind
from notifications.queries import (
    Entry,
    entries,
    entry_with,
    has_unread,
    preferences_of,
    unseen_count,
    visible_notification,
)
from social.queries.requests import pending_request_count

TABS = (("all", gettext_lazy("All")), ("mentions", gettext_lazy("Mentions")))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show all notifications, or with `tab=mentions` replies and mentions. HTMX gets the entries only.

    Opening it clears the badge, before the notifications are read: what arrives meanwhile still counts.
    """
    viewer = signed_in(request)
    if request.method == "GET" and "cursor" not in request.GET:
        actions.mark_all_seen(by=viewer)
    context = _list(viewer, tab=request.GET.get("tab", ""), cursor=request.GET.get("cursor"))
    return render_page_or_fragment(
        request, "notifications/page.html", context, fragment="notifications/_list.html"
    )


@require_safe
def open_notification(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark the notification as read and redirect to what it is about."""
    viewer = signed_in(request)
    entry = entry_with(notification_id, viewer=viewer)
    actions.mark_read(notification=entry.latest, by=viewer)
    return HttpResponseRedirect(_where(entry, viewer))


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Clear the badge while the page is open and something arrives; for static/js/notifications.js."""
    viewer = signed_in(request)
    actions.mark_all_seen(by=viewer)
    return _marked(request, viewer, status=204)


@require_POST
def read(request: HttpRequest, notification_id: int) -> HttpResponse:
    viewer = signed_in(request)
    notification = visible_notification(notification_id, viewer=viewer)
    actions.mark_read(notification=notification, by=viewer)
    return _marked(
        request,
        viewer,
        fragment="notifications/_row.html",
        context=lambda: {"entry": entry_with(notification_id, viewer=viewer)},
    )


@require_POST
@accepts_fields("tab")
def read_all(request: HttpRequest) -> HttpResponse:
    viewer = signed_in(request)
    actions.mark_all_read(by=viewer)
    return _marked(
        request,
        viewer,
        fragment="notifications/_stream.html",
        context=lambda: _list(viewer, tab=request.POST.get("tab", ""), cursor=None),
    )


@require_safe
def row(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Return the entry of a new notification; for static/js/notifications.js."""
    entry = entry_with(notification_id, viewer=signed_in(request))
    return render(request, "notifications/_row.html", {"entry": entry})


@require_safe
def line(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Return the text of a new notification’s toast; for static/js/notifications.js."""
    entry = entry_with(notification_id, viewer=signed_in(request))
    return render(request, "notifications/_line.html", {"entry": entry})


def _list(viewer: Member, *, tab: str, cursor: str | None) -> dict[str, object]:
    tab = tab if tab == "mentions" else "all"
    url = reverse("notifications:list")
    urls = {"all": url, "mentions": f"{url}?tab=mentions"}
    found = entries(viewer, conversations=tab == "mentions", cursor=cursor)
    return {
        "nav": "notifications",
        "tab": tab,
        "tabs": [(key, text, urls[key]) for key, text in TABS],
        "page": found,
        "first": not cursor,
        "has_unread": any(entry.unread for entry in found.items) or (not cursor and has_unread(viewer)),
        "waiting": pending_request_count(viewer) if viewer.is_private and not cursor else 0,
        "more_url": more_url(urls[tab], found),
    }


def _where(entry: Entry, viewer: Member) -> str:
    if entry.post is not None:
        return entry.post.link
    if entry.group.kind == NotificationKind.FOLLOW and entry.total > 1:
        return reverse("social:followers", args=[viewer.username])
    if entry.group.kind == NotificationKind.UNSENT and entry.total > 1:
        return reverse("posts:drafts")
    return entry.latest.get_absolute_url()


def _marked(request: HttpRequest, viewer: Member, **answer: Any) -> HttpResponse:
    """Respond with what is read now. The badge gets its number even where no socket is open (static/js/live.js)."""
    back = redirect_back(request, reverse("notifications:list"))
    return render_fragment_or_redirect(
        request, back, events=lambda: {"unread": {"count": unseen_count(viewer)}}, **answer
    )


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*PreferencesForm().fields)
def settings(request: HttpRequest) -> HttpResponse:
    """Show and save the notification settings."""
    viewer = signed_in(request)
    if request.method == "POST":
        form = PreferencesForm(request.POST)
        cleaned(form)
        for kind in NotificationKind:
            actions.set_preference(by=viewer, kind=kind, **form.choice_for(kind))
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("notifications:settings"))
    context = {
        "rows": [
            (each, *ABOUT[NotificationKind(each.kind)], each.kind not in WITHOUT_FROM_WHOM)
            for each in preferences_of(viewer)
        ],
        "from_whom": FromWhom.choices,
    }
    return render(request, "notifications/settings.html", context)
