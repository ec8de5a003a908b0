from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import choose_privacy
from accounts.http import signed_in
from core.forms import accepts_fields
from social.actions import set_private
from social.forms import PrivacyForm
from social.queries.requests import pending_request_count


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*PrivacyForm.base_fields)
def privacy(request: HttpRequest) -> HttpResponse:
    """Change who can see your posts, message you and find you."""
    member = signed_in(request)
    form = PrivacyForm(request.POST) if request.method == "POST" else PrivacyForm.of(member)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        choose_privacy(by=member, may_write=given["may_write"], discoverable=given["discoverable"])
        changed = set_private(by=member, private=given["private"])
        if changed and member.is_private:
            messages.success(
                request, _("Your account is now private. Only your followers can see your posts.")
            )
        elif changed:
            messages.success(request, _("Your account is now public. Pending requests have been approved."))
        else:
            messages.success(request, _("Saved."))
        return redirect("social:privacy")
    context = {
        "form": form,
        "member": member,
        "waiting": pending_request_count(member),
    }
    return render(request, "social/privacy.html", context, status=422 if form.errors else 200)
