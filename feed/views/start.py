"""The first steps of a new member. They work without scripts, and each can be skipped."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import choose_interests, finish_onboarding
from accounts.http import signed_in
from accounts.queries import interests_of, topics
from core.forms import accepts_fields, cleaned, show_refusal
from core.http import redirect_page, render_fragment_or_redirect
from core.refusals import Invalid
from feed.actions.suggestions import compute_suggestions_for
from feed.queries.suggestions import suggestions_for
from media.actions import save_profile
from media.forms import StartProfileForm
from posts.actions import write_post
from posts.forms import PostForm

STEPS = [
    ("start_profile", gettext_lazy("Profile")),
    ("start", gettext_lazy("Interests")),
    ("start_people", gettext_lazy("People")),
    ("start_post", gettext_lazy("First post")),
]
SHOWN = 10


@require_http_methods(["GET", "POST"])
@accepts_fields(*StartProfileForm.base_fields)
def start_profile(request: HttpRequest) -> HttpResponse:
    """What others see first: a name and a picture."""
    member = signed_in(request)
    form = StartProfileForm(initial={"display_name": member.display_name})
    if request.method == "POST":
        form = StartProfileForm(request.POST, request.FILES)
        if form.is_valid():
            given = form.cleaned_data
            try:
                save_profile(
                    member=member,
                    by=member,
                    fields={"display_name": given["display_name"]},
                    avatar=given["avatar"],
                    remove_avatar=given["remove_avatar"],
                )
            except Invalid as refusal:
                show_refusal(form, refusal)
            else:
                return redirect("feed:start")
    return _step(request, 0, status=422 if form.errors else 200, form=form, member=member)


@require_http_methods(["GET", "POST"])
@accepts_fields("topics")
def start(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    if request.method == "POST":
        choose_interests(by=member, topics=request.POST.getlist("topics"))
        # At once: the next page suggests members with the same interests.
        compute_suggestions_for(member=member)
        return redirect("feed:start_people")
    chosen = {topic.key for topic in interests_of(member)}
    return _step(request, 1, topics=topics(), chosen=chosen)


@require_safe
def start_people(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    return _step(request, 2, suggested=suggestions_for(member, size=SHOWN).items, member=member)


@require_http_methods(["GET", "POST"])
@accepts_fields(*PostForm.base_fields)
def start_post(request: HttpRequest) -> HttpResponse:
    member = signed_in(request)
    text, error, status = "", "", 200
    if request.method == "POST":
        form = PostForm(request.POST)
        given = cleaned(form)
        text = given["text"]
        try:
            write_post(by=member, text=text, options=form.options, idempotency_key=form.key)
        except Invalid as refusal:
            error, status = refusal.message, 422
        else:
            finish_onboarding(by=member)
            messages.success(request, _("Your first post is live. Welcome!"))
            return redirect_page(request, reverse("feed:home"))
    return _step(request, 3, status=status, text=text, error=error)


@require_POST
def start_leave(request: HttpRequest) -> HttpResponse:
    """Skip the rest of the first steps for good."""
    finish_onboarding(by=signed_in(request))
    return render_fragment_or_redirect(request, redirect("feed:home"))


def _step(request: HttpRequest, step: int, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {
        "step": step,
        "steps": [(label, reverse(f"feed:{name}")) for name, label in STEPS],
        "number": step + 1,
    }
    return render(request, f"feed/{STEPS[step][0]}.html", context, status=status)
