import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import ProfileForm
from accounts.http import signed_in
from core.forms import accepts_fields, cleaned, show_refusal
from core.http import redirect_page, refuse_on_page, render_page_or_fragment, secured
from core.refusals import Invalid, NotFound, Refusal
from core.storages import storage_is_there
from media import actions
from media.addresses import IN_RANGES, TYPES, read_key, with_addresses
from media.files import file_response
from media.forms import CaptionsPostForm, ProfileWithPicturesForm, UploadForm
from media.models import Attachment
from media.queries import own_attachment, unattached_of
from media.ranges import range_response
from media.uploads import check_received


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*ProfileWithPicturesForm.base_fields)
def profile(request: HttpRequest) -> HttpResponse:
    """Edit your own profile: on a page or, for HTMX, in a dialog over the profile (`?page`: in the form of the page).
    Fields that a form doesn't have stay unchanged.
    """
    member = signed_in(request)
    on_page = "page" in request.GET
    if request.method != "POST":
        form = ProfileWithPicturesForm.of(member)
    else:
        form = ProfileWithPicturesForm(request.POST, request.FILES)
        if form.is_valid() and (too_large := getattr(request, "upload_too_large", "")):
            form.refuse_too_large(too_large)
        if form.is_valid():
            given = form.cleaned_data
            try:
                actions.save_profile(
                    member=member,
                    by=member,
                    fields={name: given[name] for name in ProfileForm.base_fields if name in request.POST},
                    avatar=given["avatar"],
                    cover=given["cover"],
                    remove_avatar=given["remove_avatar"],
                    remove_cover=given["remove_cover"],
                )
            except Invalid as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Profile saved."))
                from_dialog = "" if on_page else member.get_absolute_url()
                return redirect_page(request, reverse("media:profile"), from_dialog=from_dialog)
    return render_page_or_fragment(
        request,
        "media/profile.html",
        {"member": member, "form": form},
        fragment="media/_profile_form.html" if on_page else "media/_profile_dialog.html",
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*UploadForm.base_fields)
def files(request: HttpRequest) -> HttpResponse:
    """Show a member's files that no post has yet, how far they are processed and why one failed; upload another."""
    member = signed_in(request)
    if request.method != "POST":
        return _files_page(request)
    try:
        check_received(request)
        form = UploadForm(request.POST, request.FILES)
        actions.upload_attachment(by=member, **cleaned(form))
    except Invalid as refusal:
        return refuse_on_page(request, refusal, lambda shown: _files_page(request, shown))
    return redirect_page(request, reverse("media:files"))


@require_POST
@accepts_fields()
def retry(request: HttpRequest, media_id: int) -> HttpResponse:
    member = signed_in(request)
    actions.retry_encoding(attachment=own_attachment(member, media_id), by=member)
    return redirect_page(request, reverse("media:files"))


@require_POST
@accepts_fields(*CaptionsPostForm.base_fields)
def captions(request: HttpRequest, media_id: int) -> HttpResponse:
    """Give a video captions."""
    member = signed_in(request)
    found = own_attachment(member, media_id)
    try:
        form = CaptionsPostForm(request.POST, request.FILES)
        actions.set_captions(attachment=found, by=member, **cleaned(form))
    except Invalid as refusal:
        return refuse_on_page(request, refusal, lambda shown: _files_page(request, shown))
    messages.success(request, _("Captions saved."))
    return redirect_page(request, reverse("media:files"))


@require_POST
@accepts_fields()
def delete_file(request: HttpRequest, media_id: int) -> HttpResponse:
    member = signed_in(request)
    actions.discard(attachment=own_attachment(member, media_id), by=member)
    return redirect_page(request, reverse("media:files"))


def _files_page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    rows = unattached_of(signed_in(request))
    waiting = any(row.state == Attachment.State.PROCESSING for row in rows)
    sentences = [said for many in (refusal.fields or {}).values() for said in many] if refusal else []
    error = (sentences[0] if sentences else refusal.message) if refusal else ""
    return render_page_or_fragment(
        request,
        "media/files.html",
        {"files": rows, "waiting": waiting, "error": error},
        fragment="media/_files.html",
        status=refusal.status if refusal else 200,
    )


@require_safe
def attachment(request: HttpRequest, key: str) -> HttpResponseBase:
    """Return a file of an attachment at its signed address (media.addresses), from any storage.

    Only the signature decides, so that an address works in every app that got it; but what is deleted is gone at once.
    """
    attachment_id, variant, left = read_key(key)
    found = Attachment.objects.filter(pk=attachment_id).only("state", "files", "duration").first()
    if found is None or variant not in found.files:
        raise NotFound
    end = variant.rpartition(".")[2]
    response: HttpResponseBase
    if end in IN_RANGES:
        try:
            with storage_is_there():
                response = range_response(request, found.files[variant], TYPES[end])
        except FileNotFoundError:
            raise NotFound from None
    else:
        response = file_response(found, variant)
        if end == "m3u8":
            playlist = response.content.decode()
            response.content = with_addresses(found, playlist, int(time.time()) + left).encode()
    response["Cache-Control"] = f"private, max-age={left}, immutable"
    return secured(response)
