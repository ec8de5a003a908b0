"""The pages of drafts and scheduled posts, and what the composer does besides sending one post now."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in
from accounts.models import Member
from core.forms import accepts_fields, cleaned
from core.http import redirect_page, refuse_on_page, render_fragment_or_redirect, render_page_or_fragment
from core.pages import paginate
from core.refusals import Invalid, NotFound, Refusal
from media.queries import own_attachments
from posts import actions
from posts.composing import composer_for, file_fields, receive_files
from posts.forms import OF_EACH_POST, PostForm
from posts.models import Draft, Post
from posts.options import PostContent, PostOptions
from posts.queries import contents_of, drafts_of, own_draft, scheduled_of, visible_parents
from posts.queries.drafts import BY_CHANGE, BY_TIME

# --- In the composer ----------------------------------------------------------------------------------------


def write_otherwise(
    request: HttpRequest, form: PostForm, parent: Post | None, by: Member
) -> HttpResponse | None:
    """Save a draft, schedule, or write a thread, if the form says so. Raises Invalid, as writing a post does."""
    contents, at = form.contents, form.time
    if form.cleaned_data["save_draft"]:
        actions.create_draft(by=by, posts=contents, in_reply_to=parent, idempotency_key=form.key)
        return _saved(request, reverse("posts:drafts"), _("Draft saved."))
    if at is not None:
        actions.create_draft(
            by=by, posts=contents, in_reply_to=parent, scheduled_at=at, idempotency_key=form.key
        )
        return _saved(request, f"{reverse('posts:drafts')}?tab=scheduled", _("Scheduled."))
    if len(contents) > 1:
        posts = actions.write_thread(by=by, posts=contents, in_reply_to=parent, idempotency_key=form.key)
        return redirect_page(request, f"{parent.path}#post-{posts[0].id}" if parent else posts[0].path)
    return None


def later_context(request: HttpRequest, refusal: Refusal | None) -> dict[str, Any]:
    """Return what the form had about a thread and a time, to show it again."""
    texts = request.POST.getlist("thread_text")
    if "add_post" in request.POST:
        texts.append("")
    return {
        "thread_texts": texts,
        "scheduled_at": request.POST.get("scheduled_at", ""),
        "error": refusal.message if refusal else "",
    }


def _saved(request: HttpRequest, path: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect_page(request, path)


# --- Pages --------------------------------------------------------------------------------------------------


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """List the member's drafts or, with `tab=scheduled`, their scheduled posts."""
    viewer = signed_in(request)
    tab = "scheduled" if request.GET.get("tab") == "scheduled" else "drafts"
    rows, keys = (scheduled_of(viewer), BY_TIME) if tab == "scheduled" else (drafts_of(viewer), BY_CHANGE)
    page = paginate(rows, cursor=request.GET.get("cursor"), keys=keys)
    address = reverse("posts:drafts")
    context = {
        "page": page,
        "parents": visible_parents(page.items, viewer),
        "tab": tab,
        "tabs": [
            ("drafts", _("Drafts"), address),
            ("scheduled", _("Scheduled"), f"{address}?tab=scheduled"),
        ],
        "more_url": address + ("?tab=scheduled" if tab == "scheduled" else ""),
        "nav": "drafts",
    }
    return render_page_or_fragment(request, "posts/drafts.html", context, more="posts/_draft_list.html")


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*PostForm.base_fields, *file_fields(), "publish")
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Edit a draft or scheduled post: save it, with another time, or send it."""
    by = signed_in(request)
    try:
        found = own_draft(draft_id, by)
    except NotFound:
        if request.method == "POST" and "publish" in request.POST:
            # The form was sent twice.
            return _sent(request, actions.publish_draft(draft_id=draft_id, by=by))
        raise
    context = _edit_context(found, by)
    if request.method != "POST":
        return render(request, "posts/draft.html", context)
    form = PostForm(request.POST)
    ids = cleaned(form)["media"]
    try:
        receive_files(request, ids=ids, by=by)
        if form.cleaned_data["add_post"]:
            return _edit_again(request, context | _given(request, form, by, None))
        posts = _edited(found, form)
        if "publish" in request.POST:
            # Not there any more if it was sent meanwhile: then that is the response.
            with suppress(NotFound):
                actions.edit_draft(draft=found, by=by, posts=posts, unschedule=True)
            return _sent(request, actions.publish_draft(draft_id=found.pk, by=by))
        at = form.time
        actions.edit_draft(draft=found, by=by, posts=posts, scheduled_at=at, unschedule=at is None)
    except Invalid as refusal:
        return _edit_again(request, context | _given(request, form, by, refusal), status=refusal.status)
    tab = "?tab=scheduled" if at else ""
    return _saved(request, reverse("posts:drafts") + tab, _("Scheduled.") if at else _("Draft saved."))


@require_POST
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    by = signed_in(request)
    try:
        post = actions.publish_draft(draft_id=draft_id, by=by)
    except Refusal as refusal:
        found = own_draft(draft_id, by)
        return refuse_on_page(
            request,
            refusal,
            lambda refused: render(
                request,
                "posts/draft.html",
                _edit_context(found, by) | {"error": refused.message},
                status=refused.status,
            ),
        )
    return _sent(request, post)


@require_POST
def unschedule(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Cancel the sending of a scheduled post, and keep it as a draft."""
    by = signed_in(request)
    actions.edit_draft(draft=own_draft(draft_id, by), by=by, unschedule=True)
    return render_fragment_or_redirect(
        request, redirect("posts:drafts"), message=_("Moved to your drafts."), kind="info"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, draft_id: int) -> HttpResponse:
    by = signed_in(request)
    found = own_draft(draft_id, by)
    if request.method != "POST":
        return render(request, "posts/draft_delete.html", {"draft": found, "nav": "drafts"})
    back = reverse("posts:drafts") + ("?tab=scheduled" if found.scheduled_at else "")
    actions.delete_draft(draft=found, by=by)
    return render_fragment_or_redirect(request, redirect(back), message=_("Deleted."), kind="info")


def _edit_context(found: Draft, by: Member) -> dict[str, Any]:
    first, *others = contents_of(found)
    at = found.scheduled_at
    parent = visible_parents([found], by).get(found.parent_id or 0)
    return {
        "draft": found,
        "parent": parent,
        "text": first.text,
        "draft_base": first.text,
        "thread_texts": [post.text for post in others],
        "scheduled_at": at.strftime("%Y-%m-%dT%H:%M") if at else "",
        "composer": composer_for(
            parent=parent, given=_form_of(first.options), media=own_attachments(by, first.options.media)
        ),
        "nav": "drafts",
    }


def _form_of(options: PostOptions) -> QueryDict:
    """Return the options as the composer's form has them."""
    form = QueryDict(mutable=True)
    form.update({name: str(getattr(options, name) or "") for name in OF_EACH_POST if name != "sensitive"})
    if options.sensitive:
        form["sensitive"] = "on"
    if options.poll:
        form.setlist("poll_option", list(options.poll["options"]))
        form["poll_expires_in"] = str(options.poll.get("expires_in") or "")
        form.update({f"poll_{name}": "on" for name in ("multiple", "hide_results") if options.poll.get(name)})
    return form


def _given(request: HttpRequest, form: PostForm, by: Member, refusal: Refusal | None) -> dict[str, Any]:
    """Return what the form has now, to show it again."""
    return {
        **later_context(request, refusal),
        "text": form.cleaned_data["text"],
        "composer": composer_for(given=request.POST, media=own_attachments(by, form.cleaned_data["media"])),
    }


def _edit_again(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render_page_or_fragment(
        request, "posts/draft.html", context, fragment="posts/_draft_form.html", status=status
    )


def _edited(found: Draft, form: PostForm) -> list[PostContent]:
    """Return the posts of the form. What it has no field for stays as it was: the further posts' own options."""
    before = contents_of(found)
    posts = form.contents
    chosen = {name for name in PostOptions.__dataclass_fields__ if name in form.data}
    if "poll_option" in form.data:
        chosen.add("poll")
    chosen -= {"quote_of"}
    if "visibility" in form.data:
        # A box that isn't checked isn't sent.
        chosen |= {"sensitive", "media"}
    edited = []
    for index, post in enumerate(posts):
        if index >= len(before):
            edited.append(post)
            continue
        names = chosen & set(OF_EACH_POST) if index else chosen
        changes = {name: getattr(post.options, name) for name in names}
        edited.append(PostContent(text=post.text, options=replace(before[index].options, **changes)))
    return edited


def _sent(request: HttpRequest, post: Post) -> HttpResponse:
    messages.success(request, _("Posted."))
    return redirect_page(request, post.path)
