from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import signed_in, viewer_of
from accounts.models import Member
from core.api import as_id
from core.forms import accepts_fields, cleaned
from core.http import (
    current_page,
    redirect_back,
    redirect_page,
    render_fragment_or_redirect,
    render_page_or_fragment,
)
from core.pages import Page, more_url, paginate
from core.refusals import Forbidden, Invalid, NotFound
from core.text import fold_tag
from media.files import file_response
from media.models import Attachment
from media.queries import attachments_of, own_attachments
from posts import actions
from posts.composing import composer_for, file_fields, receive_files
from posts.forms import EditForm, PostForm, VoteForm
from posts.languages import NAMES
from posts.models import Post
from posts.muting import has_muted_thread, mute_filter_for
from posts.queries import (
    Marks,
    bookmarks_of,
    quotes_of,
    reposts_of,
    revisions_of,
    tag_follows_of,
    thread_of,
    viewer_marks,
    visible_post,
    why_no_reply,
)
from posts.quoting import may_quote, why_no_quote
from posts.views_drafts import later_context, write_otherwise
from social.queries import mute_of, relations_of

LISTS = ("timeline", "replies", "quick", "dialog", "none")
"""The lists in which a composer can show its new post (_composer.html)."""

_OPTIONS = "posts/_composer_options.html"


@require_safe
def compose(request: HttpRequest) -> HttpResponse:
    """Render the composer as a page, for HTMX in a dialog, or only the options of a composer that a page has."""
    by = signed_in(request)
    context = {"text": request.GET.get("text", ""), "composer": composer_for()}
    context["quoting"] = _quoted(request.GET.get("quote", ""), by)
    fragment = _OPTIONS if "options" in request.GET else "posts/_compose_dialog.html"
    return render_page_or_fragment(request, "posts/compose.html", context, fragment=fragment)


@require_POST
@accepts_fields(*PostForm.base_fields, *file_fields())
def write(request: HttpRequest) -> HttpResponse:
    by = signed_in(request)
    form = PostForm(request.POST)
    given = cleaned(form)
    text, parent_id = given["text"], given["in_reply_to"]
    parent = visible_post(parent_id, by) if parent_id else None
    try:
        receive_files(request, ids=given["media"], by=by)
        if given["add_post"]:
            return _compose_again(
                request,
                parent,
                None,
                own_attachments(by, given["media"]),
                quoting=_quoted(given["quote_of"], by),
            )
        if (response := write_otherwise(request, form, parent, by)) is not None:
            return response
        post = actions.write_post(
            by=by,
            text=text,
            in_reply_to=parent,
            options=form.options,
            idempotency_key=form.key,
        )
    except Invalid as refusal:
        quoting = _quoted(given["quote_of"], by)
        return _compose_again(request, parent, refusal, own_attachments(by, given["media"]), quoting=quoting)
    path = f"{parent.path}#post-{post.id}" if parent else post.path
    if _list(request) == "none":
        return redirect_page(request, path)
    if _list(request) == "dialog":
        return _after_dialog(request, post, by, path)
    return render_fragment_or_redirect(
        request,
        redirect(path),
        fragment="posts/_post_created.html",
        context={
            "post": post,
            "marks": viewer_marks([post], by) if _needs_marks(post) else Marks(),
            "in_reply_to": parent,
            "list": _list(request),
            "thread": "below" if parent else "",
        },
        events=lambda: {"toast": _toast_of_new(post)},
    )


@require_safe
def thread(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    if post.author.username != username:
        return redirect(post.path)
    include_muted = "muted" in request.GET
    if request.method == "GET" and "cursor" not in request.GET:
        actions.record_views(posts=[(post.id, post.author_id)], by=viewer)
    found = thread_of(post, viewer, cursor=request.GET.get("cursor"), include_muted=include_muted)
    context = {"thread": found, "post": post, "marks": found.marks, "include_muted": include_muted}
    return render_page_or_fragment(request, "posts/thread.html", context, more="posts/_replies.html")


@require_safe
def permalink(request: HttpRequest, post_id: int) -> HttpResponse:
    """Redirect to the thread of a post when only its id is known."""
    return redirect(visible_post(post_id, viewer_of(request)).link)


@require_safe
def card(request: HttpRequest, post_id: int) -> HttpResponse:
    """Render one card again, after an edit was cancelled or when the post changed.

    The list that shows it isn't known, so it gets a warning if one of its words is muted in any place.
    """
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    if not _focused(request):
        mute_filter_for(viewer).mark([post])
        if "filtered" in request.GET and not post.filtered_word and mute_of(viewer, post.author):
            post.filtered_word = f"@{post.author.username}"
    return render(request, _card_template(request), _card_context(post, viewer))


@require_safe
def media(request: HttpRequest, post_id: int) -> HttpResponse:
    """Render the pictures of a post again, with fresh addresses."""
    post = visible_post(post_id, viewer_of(request))
    context = {"post": post, "media": attachments_of([post.pk]).get(post.pk, [])}
    return render_fragment_or_redirect(
        request, redirect(post.path), fragment="posts/_gallery.html", context=context
    )


@require_safe
def public_picture(request: HttpRequest, post_id: int) -> HttpResponse:
    """Return the first picture (`?n=2`: the second) of a post that anyone may see, at a lasting address, for previews
    elsewhere.

    Who is signed in makes no difference, so that caches between may keep it for some minutes.
    """
    post = visible_post(post_id, None)
    found = attachments_of([post.pk]).get(post.pk, [])
    number = request.GET.get("n", "1")
    if number not in map(str, range(1, len(found) + 1)):
        raise NotFound
    response = file_response(found[int(number) - 1], "large.jpg")
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def menu(request: HttpRequest, post_id: int) -> HttpResponse:
    """Render the menu of a post, loaded when it is opened, so that cards are small and the same for everyone."""
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    context = {
        "post": post,
        "focus": _focused(request),
        "muting": mute_of(viewer, post.author),
        "thread_muted": viewer is not None and has_muted_thread(viewer, post),
        "can_revoke": _can_revoke(post, viewer),
    }
    return render_page_or_fragment(request, "posts/menu.html", context, fragment="posts/_menu.html")


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
    """Render the reply form to put under a card, only its options, or the form as a page."""
    by = signed_in(request, back=lambda: f"{visible_post(post_id, None).path}#reply-text")
    post = visible_post(post_id, by)
    if "page" in request.GET or "options" in request.GET:
        context = {"in_reply_to": post, "composer": composer_for(parent=post)}
        return render_page_or_fragment(request, "posts/compose.html", context, fragment=_OPTIONS)
    return render_fragment_or_redirect(
        request,
        redirect(f"{post.path}#reply"),
        fragment="posts/_quick_reply.html",
        context={"post": post, "may_reply": not why_no_reply(post, by)},
    )


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


@require_http_methods(["GET", "HEAD", "POST"])
def repost(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show the choice of reposting and quoting; by POST, repost."""
    by = signed_in(request, back=lambda: f"{visible_post(post_id, None).path}#repost-button-{post_id}")
    post = visible_post(post_id, by)
    if request.method == "POST":
        actions.repost_post(post=post, by=by)
        return _reposted(request, post, True, _("Reposted."))
    actions.check_can_share(post)
    marks = viewer_marks([post], by)
    can_quote = may_quote(post, by, follows=post.author_id in marks.followed)
    context = {"post": post, "key": post.key, "marks": marks, "can_quote": can_quote}
    return render_page_or_fragment(request, "posts/repost.html", context, fragment="posts/_repost_menu.html")


@require_POST
def undo_repost(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = visible_post(post_id, by)
    actions.undo_repost(post=post, by=by)
    return _reposted(request, post, False, _("Repost undone."))


@require_safe
def quotes(request: HttpRequest, post_id: int) -> HttpResponse:
    """List the posts that quote a post."""
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    page = quotes_of(post, viewer=viewer, cursor=request.GET.get("cursor"))
    context = {
        "post": post,
        "page": page,
        "marks": viewer_marks(page.items, viewer),
        "more_url": request.path,
    }
    return render_page_or_fragment(request, "posts/quotes.html", context, more="posts/_post_list.html")


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields("quote_policy")
def quoting(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show and change who may quote one's own post."""
    by = signed_in(request)
    post = _own_post(post_id, by)
    if request.method == "POST":
        actions.change_quote_policy(post=post, by=by, policy=request.POST.get("quote_policy", ""))
        messages.success(request, _("Saved."))
        return redirect_page(request, post.path)
    context = {"post": post, "policies": Post.QuotePolicy.choices}
    return render(request, "posts/quoting.html", context)


@require_POST
def revoke_quotes(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = _own_post(post_id, by)
    actions.revoke_all_quotes(post=post, by=by)
    return render_fragment_or_redirect(request, redirect(post.path), message=_("All quotes revoked."))


@require_POST
def revoke_quote(request: HttpRequest, post_id: int) -> HttpResponse:
    """Take one's own post out of the quote with this id."""
    by = signed_in(request)
    quote = visible_post(post_id, by)
    if quote.quote_of is None or quote.quote_of.author_id != by.pk:
        raise Forbidden(_("You can only do that with quotes of your own posts."))
    actions.revoke_quote(post=quote.quote_of, quote_id=quote.pk, by=by)
    fresh = visible_post(post_id, by)
    return render_fragment_or_redirect(
        request,
        redirect(quote.path),
        fragment=_card_template(request),
        context=lambda: _card_context(fresh, by),
        message=_("Quote revoked."),
    )


@require_safe
def reposts(request: HttpRequest, post_id: int) -> HttpResponse:
    """List who has reposted a post."""
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    rows = paginate(reposts_of(post, viewer=viewer), cursor=request.GET.get("cursor"))
    page: Page[Member] = Page([row.member for row in rows.items], rows.next_cursor)
    context = {
        "post": post,
        "page": page,
        "relations": relations_of(viewer, [member.pk for member in page.items]),
        "more_url": more_url(request.path, page),
    }
    return render_page_or_fragment(request, "posts/reposts.html", context, more="social/_member_list.html")


@require_safe
def bookmarks(request: HttpRequest) -> HttpResponse:
    viewer = signed_in(request)
    page = bookmarks_of(viewer, cursor=request.GET.get("cursor"))
    context = {"page": page, "marks": viewer_marks(page.items, viewer), "more_url": request.path}
    context["nav"] = "bookmarks"
    return render_page_or_fragment(request, "posts/bookmarks.html", context, more="posts/_post_list.html")


@require_safe
def history(request: HttpRequest, post_id: int) -> HttpResponse:
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    context = {
        "post": post,
        "marks": viewer_marks([post], viewer),
        "revisions": revisions_of(post, viewer=viewer),
    }
    return render(request, "posts/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*EditForm.base_fields)
def edit(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = _own_post(post_id, by)
    marks = viewer_marks([post], by)
    attachments, poll = marks.media.get(post.id, []), marks.polls.get(post.id)
    context: dict[str, Any] = {"post": post, "focus": _focused(request)}
    chosen: dict[str, Any] = {
        "text": post.text,
        "content_warning": post.content_warning,
        "sensitive": post.sensitive,
        "language": post.language,
        "media": [one.pk for one in attachments],
        "media_alts": [one.alt for one in attachments],
        "poll_option": [option.text for option in poll.options] if poll else [],
    }
    status, in_place = 200, "page" not in request.GET
    if request.method == "POST":
        form = EditForm(request.POST)
        given = cleaned(form)
        changes = form.changes
        chosen |= {name: given[name] for name in chosen if name in request.POST}
        if {"media", "media_alts"} <= changes.keys() and len(changes["media_alts"]) == len(attachments):
            # The form describes all files, also those that are being removed.
            alts = dict(zip([one.pk for one in attachments], changes["media_alts"], strict=True))
            changes["media_alts"] = [alts.get(pk, "") for pk in changes["media"]]
        try:
            actions.edit_post(post=post, by=by, **changes)
        except Invalid as refusal:
            context["error"] = refusal.message
            status = 422
        else:
            if not in_place:
                return redirect_page(request, post.path)
            return render_fragment_or_redirect(
                request,
                redirect(post.path),
                fragment=_card_template(request),
                context=lambda: _card_context(post, by),
                toast=_("Saved."),
            )
    context |= {
        "text": chosen["text"],
        "editing": chosen,
        "attachments": list(zip(attachments, chosen["media_alts"], strict=False)),
        "poll": poll,
        "languages": NAMES.items(),
        "known_language": chosen["language"] in NAMES,
    }
    fragment = "posts/_edit_form.html" if in_place else ""
    return render_page_or_fragment(request, "posts/edit.html", context, fragment=fragment, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = _own_post(post_id, by)
    if request.method != "POST":
        return render(request, "posts/delete.html", {"post": post, "marks": Marks()})
    actions.delete_post(post=post, by=by)
    answered = post.in_reply_to if not viewer_marks([post], by).hidden_parents else None
    after = answered.path if answered and answered.state != Post.State.DELETED else by.get_absolute_url()
    if _focused(request):
        messages.success(request, _("Post deleted."))
        return redirect_page(request, after)
    return render_fragment_or_redirect(
        request,
        redirect(after),
        fragment="posts/_tombstone.html",
        context={"id": post.id, "gone": "deleted"},
        message=_("Post deleted."),
        toast=_("Deleted."),
        kind="info",
    )


@require_POST
def pin(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = visible_post(post_id, by)
    actions.pin_post(post=post, by=by)
    return _pinned(request, post, _("Pinned to your profile."))


@require_POST
def unpin(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request)
    post = visible_post(post_id, by)
    actions.unpin_post(post=post, by=by)
    return _pinned(request, post, _("Unpinned from your profile."))


def _pinned(request: HttpRequest, post: Post, sentence: str) -> HttpResponse:
    return render_fragment_or_redirect(
        request,
        redirect_back(request, post.path),
        fragment="posts/_pin_item.html",
        context={"post": post},
        message=sentence,
    )


@require_safe
def poll(request: HttpRequest, post_id: int) -> HttpResponse:
    """Render the poll of a card again, after a live message. Without script, redirect to the post."""
    viewer = viewer_of(request)
    post = visible_post(post_id, viewer)
    return render_fragment_or_redirect(
        request, redirect(post.link), fragment="posts/_poll.html", context=lambda: _poll_context(post, viewer)
    )


@require_POST
@accepts_fields(*VoteForm.base_fields)
def vote(request: HttpRequest, post_id: int) -> HttpResponse:
    by = signed_in(request, back=lambda: f"{visible_post(post_id, None).path}#post-{post_id}")
    post = visible_post(post_id, by)
    actions.vote(post=post, by=by, choices=cleaned(VoteForm(request.POST))["choices"])
    return render_fragment_or_redirect(
        request,
        _back_to_card(request, post),
        fragment="posts/_poll.html",
        context=lambda: _poll_context(post, by),
    )


def _poll_context(post: Post, viewer: Member | None) -> dict[str, Any]:
    return {"post": post, "key": post.key, "path": post.path, "marks": viewer_marks([post], viewer)}


def _react(
    request: HttpRequest, post_id: int, act: Callable[..., bool], template: str, **now: bool
) -> HttpResponse:
    button = "bookmark-button" if "bookmark" in template else "like-button"
    by = signed_in(request, back=lambda: f"{visible_post(post_id, None).path}#{button}-{post_id}")
    post = visible_post(post_id, by)
    act(post=post, by=by)
    done: dict[str, Any] = {name: frozenset({post.id}) for name in now}
    context = {"post": post, "key": post.key, "marks": Marks(**done)}
    return render_fragment_or_redirect(
        request, _back_to_card(request, post), fragment=template, context=context
    )


def _back_to_card(request: HttpRequest, post: Post) -> HttpResponse:
    """Redirect to the same place on the page that was left."""
    back = redirect_back(request, post.path)
    back["Location"] += f"#post-{post.id}"
    return back


def _reposted(request: HttpRequest, post: Post, now: bool, sentence: str) -> HttpResponse:
    marks = Marks(reposted=frozenset({post.id} if now else ()))
    return render_fragment_or_redirect(
        request,
        redirect(post.link),
        fragment="posts/_repost_button.html",
        context={"post": post, "key": post.key, "marks": marks},
        message=sentence,
        toast=sentence,
    )


def _needs_marks(post: Post) -> bool:
    """Return whether the card of a new post shows more than its own columns."""
    return bool(post.media_count or post.poll_text or post.is_quote)


def _quoted(post_id: str | int | None, by: Member) -> Post | None:
    """Return the post that a composer quotes. Raises Forbidden if it can't be quoted."""
    try:
        post = visible_post(as_id(str(post_id or "")), by)
    except Invalid:
        return None
    if sentence := why_no_quote(post, by):
        raise Forbidden(sentence)
    return post


def _can_revoke(post: Post, viewer: Member | None) -> bool:
    if viewer is None or post.quote_of_id is None or post.quote_revoked:
        return False
    return Post.objects.by_author(viewer).filter(pk=post.quote_of_id).exists()


def _thread_muted(request: HttpRequest, post: Post, muted: bool, sentence: str) -> HttpResponse:
    return render_fragment_or_redirect(
        request,
        redirect(post.path),
        fragment="posts/_mute_thread_item.html",
        context={"post": post, "thread_muted": muted},
        message=sentence,
    )


def _own_post(post_id: int, by: Member) -> Post:
    post = visible_post(post_id, by)
    actions.check_own(post, by)
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
    """List the hashtags that the viewer follows. Nobody else can see them."""
    viewer = signed_in(request)
    page = paginate(tag_follows_of(viewer), cursor=request.GET.get("cursor"))
    context = {"page": page, "nav": "lists"}
    return render_page_or_fragment(request, "posts/followed_tags.html", context, more="posts/_tag_list.html")


def _tag_followed(request: HttpRequest, name: str, *, followed: bool) -> HttpResponse:
    return render_fragment_or_redirect(
        request,
        redirect_back(request, reverse("posts:followed_tags")),
        fragment="posts/_tag_button.html",
        context={"name": fold_tag(name), "followed": followed},
    )


def _card_template(request: HttpRequest) -> str:
    return "posts/_post_focus.html" if _focused(request) else "posts/_post.html"


def _card_context(post: Post, viewer: Member | None) -> dict[str, Any]:
    return {"post": post, "marks": viewer_marks([post], viewer)}


def _compose_again(
    request: HttpRequest,
    parent: Post | None,
    refusal: Invalid | None,
    media: Sequence[Attachment],
    *,
    quoting: Post | None = None,
) -> HttpResponse:
    """Show the form again with everything that was chosen: refused, or with a further post for a thread."""
    context: dict[str, Any] = {
        "text": request.POST.get("text", ""),
        "in_reply_to": parent,
        "list": _list(request),
        "composer": composer_for(parent=parent, given=request.POST, media=media),
        **later_context(request, refusal),
        "quoting": quoting,
    }
    if parent and _list(request) == "quick":
        context["form_id"] = f"reply-{parent.id}"
    elif form_id := {"none": "compose", "dialog": "compose-in-dialog"}.get(_list(request)):
        context["form_id"] = form_id
    return render_page_or_fragment(
        request,
        "posts/compose.html",
        context,
        fragment="posts/_composer.html",
        status=refusal.status if refusal else 200,
    )


def _after_dialog(request: HttpRequest, post: Post, by: Member, path: str) -> HttpResponse:
    """Add the card to the timeline below the dialog if there is one, else link to it."""
    # Only home has a list that everything one writes belongs to.
    on_timeline = current_page(request).partition("?")[0] == reverse("feed:home")
    return render_fragment_or_redirect(
        request,
        redirect(path),
        fragment="posts/_post_sent.html",
        context=lambda: {
            "post": post,
            "marks": viewer_marks([post], by) if on_timeline else Marks(),
            "on_timeline": on_timeline,
        },
        events=lambda: {"toast": _toast_of_new(post) | ({} if on_timeline else {"link": path})},
    )


def _toast_of_new(post: Post) -> dict[str, Any]:
    """Return the toast for a post that was just sent; static/js/posts.js replaces it with the outcome of the review."""
    done = _("Reply sent.") if post.is_reply else _("Posted.")
    if post.is_published:
        return {"text": done, "kind": "success"}
    outcomes = {"published": done, "held": _("Held for review.")}
    return {"text": _("Sent for review."), "post": str(post.id), "outcomes": outcomes}


def _list(request: HttpRequest) -> str:
    asked = request.GET.get("list", "")
    return asked if asked in LISTS else "timeline"


def _focused(request: HttpRequest) -> bool:
    return "focus" in request.GET
