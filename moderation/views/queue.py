"""The queue, one post in it, and the decision log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.http import viewer_of
from core.forms import accepts_fields, cleaned
from core.http import redirect_back, render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url
from moderation.actions import decide_post
from moderation.forms import DecisionForm
from moderation.models import Decision
from moderation.queries import (
    Tab,
    log_page,
    moderation_history,
    moderators_only,
    queue_item,
    queue_page,
    report_rules,
)
from moderation.views.tabs import queue_tabs

DONE: dict[str, Promise] = {
    Decision.Act.PUBLISH: gettext_lazy("Published. Others can see it now."),
    Decision.Act.DISMISS: gettext_lazy("No action taken."),
    Decision.Act.REMOVE: gettext_lazy("Removed. The author can see why."),
    Decision.Act.RESTORE: gettext_lazy("Restored. Others can see it again."),
    Decision.Act.REOPEN: gettext_lazy("Reopened. It’s back in the queue."),
}


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    viewer = moderators_only(viewer_of(request))
    named = request.GET.get("tab", "")
    tab = Tab(named) if named in list(Tab) else Tab.WAITING
    page = queue_page(tab, viewer, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "rules": report_rules(),
        "more_url": more_url(f"{reverse('moderation:queue')}?tab={tab}", page),
        "tab": tab,
    }
    return render_page_or_fragment(
        request,
        "moderation/queue.html",
        context,
        fragment="moderation/_case_list.html",
        page_context=lambda: {"tabs": queue_tabs(viewer), "nav": "moderation"},
    )


@require_safe
def case(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show one post with its reports, reviews and decisions."""
    viewer = moderators_only(viewer_of(request))
    item = queue_item(post_id, viewer)
    context = {
        "item": item,
        "history": moderation_history(item.post, viewer),
        "rules": report_rules(),
        "nav": "moderation",
    }
    return render(request, "moderation/case.html", context)


@require_POST
@accepts_fields(*DecisionForm.base_fields)
def decide(request: HttpRequest, post_id: int) -> HttpResponse:
    by = moderators_only(viewer_of(request))
    given = cleaned(DecisionForm(request.POST))
    decision = decide_post(post_id=post_id, by=by, **given)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("moderation:queue")),
        fragment="moderation/_case.html",
        context=lambda: {"item": queue_item(post_id, by), "rules": report_rules(), "decided": True},
        message=str(DONE[decision.act]),
    )


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    viewer = moderators_only(viewer_of(request))
    people_only = request.GET.get("by") == "people"
    page = log_page(viewer, people_only=people_only, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "more_url": more_url(f"{reverse('moderation:log')}{'?by=people' if people_only else ''}", page),
        "people_only": people_only,
        "nav": "moderation",
    }
    return render_page_or_fragment(
        request, "moderation/log.html", context, fragment="moderation/_log_list.html"
    )
