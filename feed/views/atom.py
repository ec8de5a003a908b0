"""Atom feeds of public posts. They are the same for everyone: they look at no session, and show what guests may see."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.http import http_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from accounts.queries import visible_member
from core.http import site_url
from core.text import clean_line, isolated
from feed.queries.atom import latest_for_feed, posts_for_feed, tagged_for_feed
from media.models import Attachment
from media.queries import attachments_of
from posts.models import Post
from posts.queries import visible_tag

TITLE_MAX = 80
EMPTY_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class _Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Return a fixed time for a feed without posts, so that it isn't new at each request."""
        return super().latest_post_date() if self.items else EMPTY_SINCE


@require_safe
def atom_latest(request: HttpRequest) -> HttpResponse:
    # The same for everyone, so in the language of the site.
    with override(settings.LANGUAGE_CODE):
        title = _("Latest posts on %(site)s") % {"site": settings.SITE_NAME}
    return _response(request, title, reverse("feed:home"), latest_for_feed())


@require_safe
def atom_of_member(request: HttpRequest, username: str) -> HttpResponse:
    member = visible_member(username, viewer=None)
    title = f"{isolated(member.name)} (@{member.username})"
    return _response(
        request, title, member.get_absolute_url(), posts_for_feed(member), clean_line(member.bio)
    )


@require_safe
def atom_of_tag(request: HttpRequest, name: str) -> HttpResponse:
    tag = visible_tag(name, viewer=None)
    return _response(request, f"#{tag.label}", reverse("feed:tag", args=[tag.name]), tagged_for_feed(tag))


def _response(
    request: HttpRequest, title: str, path: str, posts: Sequence[Post], subtitle: str = ""
) -> HttpResponse:
    feed = _Feed(
        title=_xml(title),
        link=site_url(path),
        description="",
        subtitle=_xml(subtitle) or None,
        feed_url=site_url(request.path),
        language=None,
    )
    media = attachments_of(ids) if (ids := [post.pk for post in posts if post.media_count]) else {}
    for post in posts:
        _add(feed, post, media.get(post.pk, []))
    body = feed.writeString("utf-8").encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    modified = int(feed.latest_post_date().timestamp())
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(modified)
    # Caches ask each time, so that a deleted post is gone at once.
    response.headers["Cache-Control"] = "public, no-cache"
    answer = get_conditional_response(request, etag=etag, last_modified=modified, response=response)
    return answer or response


def _add(feed: Atom1Feed, post: Post, media: Sequence[Attachment]) -> None:
    # A content warning covers the post here, too.
    text = clean_line(post.preview) or next((one.alt for one in media if one.alt), post.author.name)
    html = "" if post.content_warning else _absolute(post.html)
    if html and not post.sensitive:
        html += "".join(
            _picture(post, place, one) for place, one in enumerate(media, 1) if one.kind == "image"
        )
    feed.add_item(
        title=_xml(Truncator(text).chars(TITLE_MAX)),
        link=site_url(post.path),
        unique_id=site_url(f"/posts/{post.pk}"),
        description=_xml(html),
        author_name=_xml(post.author.name),
        author_link=site_url(post.author.get_absolute_url()),
        pubdate=post.published_at or post.created_at,
        updateddate=post.edited_at or post.published_at or post.created_at,
    )


def _picture(post: Post, place: int, picture: Attachment) -> str:
    address = f"{site_url(reverse('posts:public_picture', args=[post.pk]))}?n={place}"
    return format_html('<p><img src="{}" alt="{}"></p>', address, picture.alt)


def _absolute(html: str) -> str:
    """Return the HTML of a post for readers elsewhere: our links with the address of the site, newlines as tags."""
    return html.replace(' href="/', f' href="{settings.SITE_URL}/').replace("\n", "<br>")


def _xml(text: str) -> str:
    """Return the text without the few characters that XML can't contain."""
    return _NOT_IN_XML.sub("", text)
