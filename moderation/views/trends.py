"""The queue of hashtags and posts that may trend."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import viewer_of
from core.forms import accepts_fields, cleaned
from core.http import render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url
from moderation import actions
from moderation.forms import HideTagForm, TrendDecisionForm
from moderation.queries import moderators_only, trend_item, trends_page
from moderation.views.tabs import queue_tabs


@require_safe
def trends(request: HttpRequest) -> HttpResponse:
    viewer = moderators_only(viewer_of(request))
    decided = request.GET.get("state") == "decided"
    page = trends_page(viewer, decided=decided, cursor=request.GET.get("cursor"))
    address = reverse("moderation:trends") + ("?state=decided" if decided else "")
    context = {"page": page, "more_url": more_url(address, page), "decided": decided}
    return render_page_or_fragment(
        request,
        "moderation/trends.html",
        context,
        fragment="moderation/_trend_list.html",
        page_context=lambda: {"tabs": queue_tabs(viewer), "tab": "trends", "nav": "moderation"},
    )


@require_POST
@accepts_fields(*TrendDecisionForm.base_fields)
def decide_trend(request: HttpRequest, trend_id: int) -> HttpResponse:
    by = moderators_only(viewer_of(request))
    given = cleaned(TrendDecisionForm(request.POST))
    actions.decide_trend(trend_id=trend_id, by=by, **given)
    message = _("It can trend now.") if given["act"] == "allow" else _("Hidden from trends.")
    return render_fragment_or_redirect(
        request,
        redirect("moderation:trends"),
        fragment="moderation/_trend.html",
        context=lambda: {"item": trend_item(trend_id, by)},
        message=message,
    )


@require_POST
@accepts_fields(*HideTagForm.base_fields)
def hide_hashtag(request: HttpRequest) -> HttpResponse:
    """Hide a hashtag from trends by its name."""
    by = moderators_only(viewer_of(request))
    form = HideTagForm(request.POST)
    actions.hide_tag(name=form.cleaned_data["tag"] if form.is_valid() else "", by=by)
    messages.success(request, _("Hidden from trends."))
    return redirect(reverse("moderation:trends") + "?state=decided")
