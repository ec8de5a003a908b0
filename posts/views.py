from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in, viewer_of
from accounts.models import Member
from core.forms import accepts_fields
from core.http import redirect_back, redirect_page, wants_fragment, with_toast
from core.pages import paginate
from core.refusals import Forbidden, Invalid
from core.text import fold_tag
from posts import actions
from posts.forms import PostForm
from posts.models import Post
from posts.muting import has_muted_thread, mute_filter_for
from posts.queries import (
    Marks,
    bookmarks_of,
    revisions_of,
    tag_follows_of,
    thread_of,
    viewer_marks,
    visible_post,
)
from social.queries import mute_of

LISTS = ("timeline", "replies", "quick", "none")
"""Where a composer may show its new post (_composer.html)."""


@require_safe
def compose(request: HttpRequest) -> HttpResponse:
    signed_in(request)
    return render(request, "posts/compose.html", {"text": request.GET.get("text", "")})


@require_POST
@accepts_fields(*PostForm.base_fields)
def write(request: HttpRequest) -> HttpResponse:
    by = signed_in(request)
    form = PostForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("We couldn’t read this form. Reload the page and try again."))
    text, parent_id = form.cleaned_data["text"], form.cleaned_data["in_reply_to"]
    parent = visible_post(parent_id, by) if parent_id else None
    try:
        post = actions.write_post(by=by, text=text, in_reply_to=parent, idempotency_key=form.key)
    except Invalid as refusal:
        return _compose_again(request, text, parent, refusal)
    if wants_fragment(request) and _list(request) != "none":
        context = {
            "post": post,
            "marks": Marks(),
            "in_reply_to": parent,
            "list": _list(request),
            "thread": "below" if parent else "",
        }
        response = render(request, "posts/_written.html", context)
        return with_toast(response, _("Reply sent.") if parent else _("Posted."), kind="success")
    return redirect_page(request, f"{parent.path}#post-{post.id}" if parent else post.path)


@require_safe
def thread(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    if post.author.username != username:
        return redirect(post.path)
    include_muted = "muted" in request.GET
    found = thread_of(post, viewer, cursor=request.GET.get("cursor"), include_muted=include_muted)
    context = {"thread": found, "post": post, "marks": found.marks, "include_muted": include_muted}
    return render(request, "posts/_replies.html" if _more_asked(request) else "posts/thread.html", context)


@require_safe
def permalink(request: HttpRequest, post_id: int) -> HttpResponse:
    """For those who know a post by its id only."""
    return redirect(visible_post(post_id, viewer_of(request)).path)


@require_safe
def card(request: HttpRequest, post_id: int) -> HttpResponse:
    """One card as it is now: after an edit was cancelled, or when something about the post changed. It does not know
    which list it stands in, so that it is covered when a word of it is muted anywhere.
    """
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    if not _focused(request):
        mute_filter_for(viewer).mark([post])
        if "filtered" in request.GET and not post.filtered_word and mute_of(viewer, post.author):
            post.filtered_word = f"@{post.author.username}"
    return _card(request, post, viewer)


@require_safe
def menu(request: HttpRequest, post_id: int) -> HttpResponse:
    """What one may do with a post, brought when asked for: so that a card is the same for everybody, and small."""
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    context = {
        "post": post,
        "focus": _focused(request),
        "muting": mute_of(viewer, post.author),
        "thread_muted": viewer is not None and has_muted_thread(viewer, post),
    }
    return render(request, "posts/_menu.html" if wants_fragment(request) else "posts/menu.html", context)


@require_POST
def mute_thread(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = visible_post(post_id, by)
    actions.mute_thread(post=post, by=by)
    return _thread_muted(request, post, True, _("Conversation muted."))


@require_POST
def unmute_thread(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = visible_post(post_id, by)
    actions.unmute_thread(post=post, by=by)
    return _thread_muted(request, post, False, _("Conversation unmuted."))


@require_safe
def quick_reply(request: HttpRequest, post_id: int) -> HttpResponse:
    """The reply form, to be put under a card."""
    post = visible_post(post_id, signed_in(request))
    if not wants_fragment(request):
        return redirect(f"{post.path}#reply")
    return render(request, "posts/_quick_reply.html", {"post": post})


@require_POST
def like(request: HttpRequest, post_id: int) -> HttpResponse:
    return _react(request, post_id, actions.like_post, "posts/_like_button.html", liked=True)


@require_POST
def unlike(request: HttpRequest, post_id: int) -> HttpResponse:
    return _react(request, post_id, actions.unlike_post, "posts/_like_button.html")


@require_POST
def bookmark(request: HttpRequest, post_id: int) -> HttpResponse:
    return _react(request, post_id, actions.bookmark_post, "posts/_bookmark_button.html", bookmarked=True)


@require_POST
def unbookmark(request: HttpRequest, post_id: int) -> HttpResponse:
    return _react(request, post_id, actions.unbookmark_post, "posts/_bookmark_button.html")


@require_safe
def bookmarks(request: HttpRequest) -> HttpResponse:
    viewer = signed_in(request)
    page = bookmarks_of(viewer, cursor=request.GET.get("cursor"))
    context = {"page": page, "marks": viewer_marks(page.items, viewer), "more_url": request.path}
    context["nav"] = "bookmarks"
    return render(
        request, "posts/_post_list.html" if _more_asked(request) else "posts/bookmarks.html", context
    )


@require_safe
def history(request: HttpRequest, post_id: int) -> HttpResponse:
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    context = {"post": post, "revisions": revisions_of(post, viewer=viewer)}
    return render(request, "posts/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields("text")
def edit(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = _own_post(post_id, by)
    context: dict[str, Any] = {"post": post, "text": post.text, "focus": _focused(request)}
    status, in_place = 200, wants_fragment(request) and "page" not in request.GET
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            actions.edit_post(post=post, by=by, text=text)
        except Invalid as refusal:
            context |= {"text": text, "error": refusal.message}
            status = 422
        else:
            if in_place:
                return with_toast(_card(request, post, by), _("Saved."), kind="success")
            return redirect_page(request, post.path)
    template = "posts/_edit_form.html" if in_place else "posts/edit.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = _own_post(post_id, by)
    if request.method != "POST":
        return render(request, "posts/delete.html", {"post": post, "marks": Marks()})
    actions.delete_post(post=post, by=by)
    if wants_fragment(request) and not _focused(request):
        response = render(request, "posts/_gone.html", {"id": post.id, "gone": "deleted"})
        return with_toast(response, _("Deleted."))
    messages.success(request, _("Post deleted."))
    answered = post.in_reply_to if not viewer_marks([post], by).hidden_parents else None
    after = answered.path if answered and answered.state != Post.State.DELETED else by.get_absolute_url()
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": after})
    return HttpResponseRedirect(after)


def _react(
    request: HttpRequest, post_id: int, act: Callable[..., bool], template: str, **now: bool
) -> HttpResponse:
    by = signed_in(request)
    post = visible_post(post_id, by)
    act(post=post, by=by)
    if wants_fragment(request):
        done: dict[str, Any] = {name: frozenset({post.id}) for name in now}
        marks = Marks(**done)
        return render(request, template, {"post": post, "key": post.key, "marks": marks})
    response = redirect_back(request, post.path)
    # Back to the same place of the page.
    response["Location"] += f"#post-{post.id}"
    return response


def _thread_muted(request: HttpRequest, post: Post, muted: bool, sentence: str) -> HttpResponse:
    if wants_fragment(request):
        context = {"post": post, "thread_muted": muted}
        return with_toast(render(request, "posts/_mute_thread_item.html", context), sentence, kind="success")
    messages.success(request, sentence)
    return redirect(post.path)


def _own_post(post_id: int, by: Member) -> Post:
    post = visible_post(post_id, by)
    if post.author_id != by.id:
        raise Forbidden(_("You can only do that with your own posts."))
    return post


@require_POST
def follow_tag(request: HttpRequest, name: str) -> HttpResponse:
    actions.follow_tag(name=name, by=signed_in(request))
    return _tag_followed(request, name, followed=True)


@require_POST
def unfollow_tag(request: HttpRequest, name: str) -> HttpResponse:
    actions.unfollow_tag(name=name, by=signed_in(request))
    return _tag_followed(request, name, followed=False)


@require_safe
def followed_tags(request: HttpRequest) -> HttpResponse:
    """The tags one follows: nobody else's business."""
    viewer = signed_in(request)
    page = paginate(tag_follows_of(viewer), cursor=request.GET.get("cursor"))
    context = {"page": page, "nav": "lists"}
    template = "posts/_tag_list.html" if _more_asked(request) else "posts/followed_tags.html"
    return render(request, template, context)


def _tag_followed(request: HttpRequest, name: str, *, followed: bool) -> HttpResponse:
    if not wants_fragment(request):
        return redirect_back(request, reverse("posts:followed_tags"))
    return render(request, "posts/_tag_button.html", {"name": fold_tag(name), "followed": followed})


def _card(request: HttpRequest, post: Post, viewer: Member | None) -> HttpResponse:
    template = "posts/_post_focus.html" if _focused(request) else "posts/_post.html"
    return render(request, template, {"post": post, "marks": viewer_marks([post], viewer)})


def _compose_again(request: HttpRequest, text: str, parent: Post | None, refusal: Invalid) -> HttpResponse:
    context = {"text": text, "in_reply_to": parent, "error": refusal.message, "list": _list(request)}
    if parent and _list(request) == "quick":
        context["form_id"] = f"reply-{parent.id}"
    elif _list(request) == "none":
        context["form_id"] = "compose"
    template = "posts/_composer.html" if wants_fragment(request) else "posts/compose.html"
    return render(request, template, context, status=refusal.status)


def _list(request: HttpRequest) -> str:
    asked = request.GET.get("list", "")
    return asked if asked in LISTS else "timeline"


def _focused(request: HttpRequest) -> bool:
    return "focus" in request.GET


def _more_asked(request: HttpRequest) -> bool:
    return wants_fragment(request) and "cursor" in request.GET
