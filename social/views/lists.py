"""The pages of a member's own lists. A list is 404 for everyone else. Its feed is feed.views.list_timeline."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in
from accounts.queries import visible_member
from core.forms import accepts_fields, show_refusal
from core.http import redirect_back, render_fragment_or_redirect, render_page_or_fragment
from core.refusals import Refusal
from social.actions import lists as actions
from social.forms import ListForm
from social.queries.lists import list_ids_with, lists_of, own_list


@require_safe
def own_lists(request: HttpRequest) -> HttpResponse:
    context = {"lists": lists_of(signed_in(request)), "nav": "lists"}
    return render(request, "social/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*ListForm.base_fields, "with")
def new_list(request: HttpRequest) -> HttpResponse:
    """Create a list. `with` names a member to add to it at once."""
    by = signed_in(request)
    named = request.POST.get("with") or request.GET.get("with")
    first = visible_member(named, viewer=by) if named else None
    form = ListForm(request.POST) if request.method == "POST" else ListForm()
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_list(by=by, **form.cleaned_data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            if first is not None:
                actions.add_to_list(list_=made, member=first, by=by)
            return redirect("search:list_members", made.pk)
    context = {"form": form, "first": first, "nav": "lists", "quiet": True}
    return render(request, "social/list_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*ListForm.base_fields)
def edit_list(request: HttpRequest, list_id: int) -> HttpResponse:
    by = signed_in(request)
    found = own_list(list_id, by)
    form = ListForm(request.POST) if request.method == "POST" else ListForm.of(found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_list(list_=found, by=by, **form.cleaned_data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("List saved."))
            return redirect("feed:list", found.pk)
    context = {"form": form, "list": found, "nav": "lists", "quiet": True}
    return render(request, "social/list_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_list(request: HttpRequest, list_id: int) -> HttpResponse:
    by = signed_in(request)
    found = own_list(list_id, by)
    if request.method == "POST":
        actions.delete_list(list_=found, by=by)
        messages.success(request, _("List “%(title)s” deleted.") % {"title": found.title})
        return redirect("social:lists")
    return render(request, "social/list_delete.html", {"list": found, "nav": "lists"})


@require_POST
def list_add(request: HttpRequest, list_id: int, username: str) -> HttpResponse:
    return _toggle(request, list_id, username, actions.add_to_list, on_it=True)


@require_POST
def list_remove(request: HttpRequest, list_id: int, username: str) -> HttpResponse:
    return _toggle(request, list_id, username, actions.remove_from_list, on_it=False)


@require_safe
def list_choice(request: HttpRequest, username: str) -> HttpResponse:
    """Show which of your lists a member is on, as a page or, for HTMX, a dialog."""
    viewer = signed_in(request)
    member = visible_member(username, viewer=viewer)
    context = {
        "member": member,
        "lists": lists_of(viewer),
        "on": list_ids_with(member, viewer=viewer),
        "nav": "lists",
        "quiet": True,
    }
    return render_page_or_fragment(
        request, "social/list_choice.html", context, fragment="social/_list_choice.html"
    )


def _toggle(
    request: HttpRequest, list_id: int, username: str, act: Callable[..., bool], *, on_it: bool
) -> HttpResponse:
    by = signed_in(request)
    list_ = own_list(list_id, by)
    member = visible_member(username, viewer=by)
    act(list_=list_, member=member, by=by)
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("search:list_members", args=[list_.pk])),
        fragment="social/_list_toggle.html",
        context={"list": list_, "member": member, "on_it": on_it},
    )
