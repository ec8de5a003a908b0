"""Posts on other sites: a page to put into a frame, and oEmbed, which tells other sites about it.

They show what guests may see, whoever is signed in, and look at no session.
"""

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from accounts.http import viewer_of
from core.http import render_page_or_fragment, site_url
from core.refusals import NotFound
from core.text import isolated
from posts.models import Post
from posts.own_pages import own_post_id
from posts.queries import viewer_marks, visible_post

WIDTH, WIDTH_MIN = 550, 220
LINE = 60
"""Characters in a line of a frame of that width, about."""


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]
@cache_control(public=True, no_cache=True)
def embed(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show a post in a frame on any site."""
    post = _shareable(visible_post(post_id, None))
    context = {
        "post": post,
        "marks": viewer_marks([post], None),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    # Without the request: no context processor looks at a session.
    return HttpResponse(render_to_string("posts/embed.html", context))


@require_safe
def embed_code(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show the HTML that puts a post on another site."""
    post = visible_post(post_id, viewer_of(request))
    context = {"post": post, "code": frame_of(_shareable(post), WIDTH), "height": _height(post)}
    return render_page_or_fragment(
        request, "posts/embed_code.html", context, fragment="posts/_embed_code_dialog.html"
    )


@require_safe
@cache_control(public=True, no_cache=True)
def oembed(request: HttpRequest) -> HttpResponse:
    """Describe a post for other sites (oembed.com). A post that guests can't see is like one that never was."""
    if request.GET.get("format", "json") != "json":
        return JsonResponse({"error": "bad_request", "message": _("Only JSON is available.")}, status=400)
    post_id = own_post_id(request.GET.get("url", ""))
    try:
        if post_id is None:
            raise NotFound
        post = _shareable(visible_post(post_id, None))
    except NotFound:
        return JsonResponse({"error": "not_found", "message": _("This post isn’t available.")}, status=404)
    width = max(WIDTH_MIN, min(WIDTH, _number(request.GET.get("maxwidth"), WIDTH)))
    height = min(_height(post), max(100, _number(request.GET.get("maxheight"), 10_000)))
    answer: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "provider_name": settings.SITE_NAME,
        "provider_url": settings.SITE_URL,
        "title": _("%(name)s on %(site)s") % {"name": isolated(post.author.name), "site": settings.SITE_NAME},
        "author_name": post.author.name,
        "author_url": site_url(post.author.get_absolute_url()),
        "url": site_url(post.path),
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": frame_of(post, width, height),
    }
    return JsonResponse(answer, headers={"Access-Control-Allow-Origin": "*"})


def frame_of(post: Post, width: int, height: int | None = None) -> str:
    """Return the HTML of a frame with the post. It opens links in new tabs, and runs no scripts. It keeps its origin,
    because browsers load icons only from the same one.
    """
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" frameborder="0"'
        ' sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>',
        site_url(f"/embed/posts/{post.pk}"),
        _("Post by %(name)s") % {"name": post.author.name},
        width,
        height or _height(post),
    )


def _shareable(post: Post) -> Post:
    """Return the post if anyone may read it. Raises NotFound."""
    if not post.can_be_shared:
        raise NotFound
    return post


def _height(post: Post) -> int:
    """Return about how high the post is in a frame. A page without scripts can't tell the frame."""
    lines = sum(1 + len(line) // LINE for line in post.text.split("\n"))
    return min(900, 170 + 24 * lines + (340 if post.media_count else 120 if post.link_card_id else 0))


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else otherwise
