from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import approve_signup, refuse_signup
from accounts.actions.joining import WORDS_MAX as SIGNUP_WORDS_MAX
from accounts.models import Member
from core.http import redirect_back, signed_in, viewer_of, wants_fragment, with_toast
from core.pages import more_url
from core.refusals import Conflict, Invalid
from moderation.actions import decide_post, report_post
from moderation.forms import DecisionForm, ReportForm, SignupDecisionForm
from moderation.models import WORDS_MAX, Decision
from moderation.queries import (
    Tab,
    history_of,
    item_of,
    log_page,
    moderators_only,
    open_report,
    queue_page,
    reportable_post,
    reports_by,
    rules_to_report,
    signups_count,
    signups_matter,
    signups_page,
    tab_counts,
)

DONE: dict[str, Promise] = {
    Decision.Act.PUBLISH: gettext_lazy("Published. Others see it now."),
    Decision.Act.DISMISS: gettext_lazy("Left as it is."),
    Decision.Act.REMOVE: gettext_lazy("Removed. The author reads why."),
    Decision.Act.RESTORE: gettext_lazy("Restored. Others see it again."),
    Decision.Act.REOPEN: gettext_lazy("Reopened. It's back in the queue."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = reportable_post(post_id, by)
    context = {
        "post": post,
        "rules": rules_to_report(),
        "words_max": WORDS_MAX,
        "already": None,
        "errors": {},
    }
    template = "moderation/_report_dialog.html" if wants_fragment(request) else "moderation/report.html"
    if request.method != "POST":
        context["already"] = open_report(post, by)
        return render(request, template, context)
    form = ReportForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(_("This form cannot be understood. Reload the page and try once more."))
        new = report_post(post=post, by=by, **form.cleaned_data)
    except Invalid as refusal:
        context |= {"errors": refusal.fields, "refusal": refusal.message}
        context |= {"rule": request.POST.get("rule", ""), "words": request.POST.get("words", "")}
        return render(request, template, context, status=422)
    said = (
        _("Thank you. The moderators will look at it.")
        if new
        else _("You have reported this post already. The moderators will look at it.")
    )
    if wants_fragment(request):
        # The dialog is swapped for nothing, and the toast says the rest.
        return with_toast(HttpResponse(), said, kind="success" if new else "info")
    messages.add_message(request, messages.SUCCESS if new else messages.INFO, said)
    return redirect(post)


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What one has reported, and what came of it."""
    page = reports_by(signed_in(request), cursor=request.GET.get("cursor"))
    context = {"page": page, "more_url": more_url(reverse("moderation:reports"), page)}
    template = "moderation/_report_list.html" if wants_fragment(request) else "moderation/reports.html"
    return render(request, template, context)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    viewer = moderators_only(viewer_of(request))
    named = request.GET.get("tab", "")
    tab = Tab(named) if named in list(Tab) else Tab.WAITING
    page = queue_page(tab, viewer, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "rules": rules_to_report(),
        "more_url": more_url(f"{reverse('moderation:queue')}?tab={tab}", page),
        "tab": tab,
    }
    if wants_fragment(request):
        return render(request, "moderation/_case_list.html", context)
    context["tabs"] = _tabs(viewer)
    context["nav"] = "moderation"
    return render(request, "moderation/queue.html", context)


@require_safe
def case(request: HttpRequest, post_id: int) -> HttpResponse:
    """One post with all that moderation knows of it."""
    viewer = moderators_only(viewer_of(request))
    item = item_of(post_id, viewer)
    context = {
        "item": item,
        "history": history_of(item.post, viewer),
        "rules": rules_to_report(),
        "nav": "moderation",
    }
    return render(request, "moderation/case.html", context)


@require_POST
def decide(request: HttpRequest, post_id: int) -> HttpResponse:
    by = moderators_only(viewer_of(request))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("This form cannot be understood. Reload the page and try once more."))
    decision = decide_post(post_id=post_id, by=by, **form.cleaned_data)
    said = str(DONE[decision.act])
    if wants_fragment(request):
        context = {"item": item_of(post_id, by), "rules": rules_to_report(), "decided": True}
        return with_toast(render(request, "moderation/_case.html", context), said, kind="success")
    messages.success(request, said)
    return redirect_back(request, reverse("moderation:queue"))


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
    return render(
        request, "moderation/_log_list.html" if wants_fragment(request) else "moderation/log.html", context
    )


@require_safe
def signups(request: HttpRequest) -> HttpResponse:
    """Who asks to join."""
    viewer = moderators_only(viewer_of(request))
    page = signups_page(viewer, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "more_url": more_url(reverse("moderation:signups"), page),
        "words_max": SIGNUP_WORDS_MAX,
        "tab": "signups",
        "nav": "moderation",
    }
    if wants_fragment(request):
        return render(request, "moderation/_signup_list.html", context)
    context["tabs"] = _tabs(viewer)
    return render(request, "moderation/signups.html", context)


@require_POST
def decide_signup(request: HttpRequest, user_id: int) -> HttpResponse:
    by = moderators_only(viewer_of(request))
    form = SignupDecisionForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("This form cannot be understood. Reload the page and try once more."))
    try:
        if form.cleaned_data["act"] == "approve":
            new = approve_signup(member_id=user_id, by=by)
            said = _("Let in. They get a mail.") if new else _("They have been let in already.")
        else:
            refuse_signup(member_id=user_id, by=by, words=form.cleaned_data["words"])
            said = _("Refused. They get a mail, and their account is deleted.")
    except Conflict as refusal:
        # Another moderator was faster: what is left of the queue is what one needs to see.
        if wants_fragment(request):
            return with_toast(HttpResponse(), refusal.message, kind="info")
        messages.info(request, refusal.message)
        return redirect("moderation:signups")
    if wants_fragment(request):
        # The request leaves the list.
        return with_toast(HttpResponse(), said, kind="success")
    messages.success(request, said)
    return redirect("moderation:signups")


def _tabs(viewer: Member) -> list[tuple[str, str, str]]:
    counts: dict[str, int] = dict(tab_counts(viewer))
    own = reverse("moderation:queue")
    tabs: list[tuple[str, str, str]] = [
        (Tab.WAITING, _("Waiting"), f"{own}?tab={Tab.WAITING}"),
        (Tab.REPORTS, _("Reports"), f"{own}?tab={Tab.REPORTS}"),
        (Tab.NEW, _("New"), f"{own}?tab={Tab.NEW}"),
        (Tab.DECIDED, _("Decided"), f"{own}?tab={Tab.DECIDED}"),
    ]
    if signups_matter():
        counts["signups"] = signups_count(viewer)
        tabs.insert(3, ("signups", _("Asking to join"), reverse("moderation:signups")))
    return [(key, f"{text} {counts[key]}" if counts.get(key) else text, url) for key, text, url in tabs]
