from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.socialaccount.adapter import get_adapter as social_adapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.forms import AppearanceForm, PostingForm
from accounts.http import signed_in, viewer_of
from accounts.models import Member
from accounts.queries import devices_of, interests_of, topics
from core.forms import accepts_fields, cleaned
from core.http import redirect_back, render_fragment_or_redirect
from core.refusals import Invalid, NotFound

THEME_COOKIE_AGE = 60 * 60 * 24 * 365


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html", {"member": signed_in(request)})


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    context = {
        "member": member,
        "address": EmailAddress.objects.filter(user=member).order_by("-primary", "-verified").first(),
        "has_password": member.has_usable_password(),
        "has_second_factor": mfa_adapter().is_mfa_enabled(member),
        "providers": social_adapter(request).list_providers(request),
        "connections": SocialAccount.objects.filter(user=member).count(),
    }
    return render(request, "accounts/account.html", context)


@login_not_required
@require_http_methods(["GET", "POST"])
@accepts_fields(*AppearanceForm.base_fields, "playback", "autoplay")
def appearance(request: HttpRequest) -> HttpResponse:
    """Choose light, dark or system: for members, and in a cookie for this browser. Members also choose whether videos
    play by themselves.
    """
    viewer = viewer_of(request)
    # Says that the form of videos was sent: a box that isn’t checked isn’t.
    if "playback" in request.POST:
        actions.choose_autoplay(by=signed_in(request), autoplay="autoplay" in request.POST)
        messages.success(request, _("Appearance updated."))
        return redirect("accounts:appearance")
    chosen = request.COOKIES.get("theme") or (viewer.theme if viewer else Member.Theme.SYSTEM)
    if request.method == "GET":
        form = AppearanceForm(initial={"theme": chosen})
        layout = "allauth/layouts/manage.html" if viewer else "base.html"
        return render(request, "accounts/appearance.html", {"form": form, "chosen": chosen, "layout": layout})
    form = AppearanceForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose light, dark or system."))
    theme = form.cleaned_data["theme"]
    if viewer:
        actions.choose_theme(by=viewer, theme=theme)
    response = render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("accounts:appearance")),
        message=_("Appearance updated."),
        toast="",
        status=204,
    )
    response.set_cookie(
        "theme", theme, max_age=THEME_COOKIE_AGE, samesite="Lax", secure=site.SESSION_COOKIE_SECURE
    )
    return response


@require_http_methods(["GET", "POST"])
@accepts_fields(*PostingForm.base_fields)
def posting(request: HttpRequest) -> HttpResponse:
    """Choose what the composer asks."""
    member = signed_in(request)
    if request.method == "POST":
        form = PostingForm(request.POST)
        actions.choose_posting(by=member, alt_reminder=cleaned(form)["alt_reminder"])
        messages.success(request, _("Saved."))
        return redirect("accounts:posting")
    form = PostingForm(initial={"alt_reminder": member.reminds_of_alt})
    return render(request, "accounts/posting.html", {"form": form})


@require_http_methods(["GET", "POST"])
@accepts_fields("topics")
def interests(request: HttpRequest) -> HttpResponse:
    """Choose the topics that the member is interested in."""
    member = signed_in(request)
    if request.method == "POST":
        actions.choose_interests(by=member, topics=request.POST.getlist("topics"))
        messages.success(request, _("Interests saved."))
        return redirect("accounts:interests")
    chosen = {topic.key for topic in interests_of(member)}
    return render(request, "accounts/interests.html", {"topics": topics(), "chosen": chosen})


@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    devices = devices_of(member, current=request.session.session_key)
    others = sum(not device.is_current for device in devices)
    return render(request, "accounts/sessions.html", {"devices": devices, "others": others})


@require_POST
@accepts_fields("name")
def name_session(request: HttpRequest, session_id: int) -> HttpResponse:
    member = signed_in(request)
    if not actions.name_session(member=member, session_id=session_id, name=request.POST.get("name", "")):
        raise NotFound(_("That session has already ended."))
    messages.success(request, _("Saved."))
    return redirect("accounts:sessions")


@require_POST
@accepts_fields("session")
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out one other session (`session`: its id), or all others."""
    member = signed_in(request)
    here = request.session.session_key
    if wanted := request.POST.get("session"):
        device = next((d for d in devices_of(member, current=here) if str(d.session.pk) == wanted), None)
        if device is None:
            raise NotFound(_("That session has already ended."))
        if device.is_current:
            raise Invalid(_("You’re using this session. Sign out instead."))
        actions.end_sessions(member=member, by=member, keys=[device.session.session_key])
        messages.success(request, _("%(device)s has been signed out.") % {"device": device.name})
    else:
        count = actions.end_sessions(member=member, by=member, spare=here)
        messages.success(
            request, _("You’re signed out everywhere else.") if count else _("You have no other sessions.")
        )
    return redirect("accounts:sessions")
