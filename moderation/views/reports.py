"""What members see of moderation: their reports, and the decisions about their posts."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import signed_in
from core.forms import accepts_fields, cleaned
from core.http import render_fragment_or_redirect, render_page_or_fragment
from core.pages import more_url
from core.refusals import Invalid
from moderation.actions import report_post
from moderation.forms import ReportForm
from moderation.models import COMMENT_MAX
from moderation.queries import decisions_on, open_report, report_rules, reportable_post, reports_by


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*ReportForm.base_fields)
def report(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = reportable_post(post_id, by)
    context = {
        "post": post,
        "rules": report_rules(),
        "comment_max": COMMENT_MAX,
        "already": None,
        "errors": {},
    }
    show_form = partial(
        render_page_or_fragment,
        request,
        "moderation/report.html",
        context,
        fragment="moderation/_report_dialog.html",
    )
    if request.method != "POST":
        context["already"] = open_report(post, by)
        return show_form()
    try:
        given = cleaned(ReportForm(request.POST))
        new = report_post(post=post, by=by, rule=given["rule"], comment=given["words"])
    except Invalid as refusal:
        context |= {"errors": refusal.fields, "refusal": refusal.message}
        context |= {"rule": request.POST.get("rule", ""), "comment": request.POST.get("words", "")}
        return show_form(status=422)
    message = (
        _("Thanks. Moderators will review it.")
        if new
        else _("You’ve already reported this post. Moderators will review it.")
    )
    # The dialog is removed, and the toast confirms.
    return render_fragment_or_redirect(
        request, redirect(post), message=message, kind="success" if new else "info"
    )


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """List the member's reports and their outcomes."""
    page = reports_by(signed_in(request), cursor=request.GET.get("cursor"))
    context = {"page": page, "more_url": more_url(reverse("moderation:reports"), page)}
    return render_page_or_fragment(
        request, "moderation/reports.html", context, fragment="moderation/_report_list.html"
    )


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """List the decisions about the member's posts, with reasons."""
    page = decisions_on(signed_in(request), cursor=request.GET.get("cursor"))
    context = {"page": page, "more_url": more_url(reverse("moderation:decisions"), page)}
    return render_page_or_fragment(
        request, "moderation/decisions.html", context, fragment="moderation/_decision_list.html"
    )
