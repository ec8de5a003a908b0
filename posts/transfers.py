"""Import and export bookmarks as CSV with the addresses of posts."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from accounts.transfers import RowResult, Transfer, own_host, result_of
from core.db import in_chunks
from core.refusals import NotFound
from posts.actions import bookmark_post
from posts.models import Bookmark, Post

_PATH = re.compile(r"/(?:@[A-Za-z0-9_]{1,30}|posts|api/posts)/([0-9]{1,19})/?\Z")


def _bookmarked(member: Member) -> Iterator[tuple[str, ...]]:
    readable = Post.objects.visible_to(member).filter(state=Post.State.PUBLISHED)
    rows = Bookmark.objects.filter(member=member, post__in=readable).select_related("post__author")
    for chunk in in_chunks(rows):
        for bookmark in chunk:
            yield (f"{settings.SITE_URL}{bookmark.post.path}",)


def _bookmark(by: Member, given: str, note: str) -> RowResult:
    return result_of(lambda: bookmark_post(post=_named_post(given, by), by=by))


def _named_post(cell: str, by: Member) -> Post:
    try:
        parts = urlsplit(cell)
    except ValueError:
        raise NotFound(_("This isn’t the address of a post.")) from None
    if parts.netloc and parts.netloc.lower() != own_host():
        raise NotFound(_("On another site."))
    found = _PATH.match(parts.path)
    if found is None or int(found[1]) >= 2**63:
        raise NotFound(_("This isn’t the address of a post."))
    post = Post.objects.visible_to(by).filter(pk=int(found[1])).first()
    if post is None:
        raise NotFound(_("This post isn’t available."))
    return post


def _is_address(cell: str) -> bool:
    return cell.startswith(("http://", "https://", "/"))


BOOKMARKS = Transfer(
    title=gettext_lazy("Your bookmarks"),
    noun=gettext_lazy("bookmarks"),
    effect=gettext_lazy("Importing it bookmarks every post in it."),
    lede=gettext_lazy("Addresses of posts, one per line."),
    header=("#uri",),
    rows=_bookmarked,
    apply=_bookmark,
    is_valid_cell=_is_address,
    columns=("#uri",),
    files=("bookmarks",),
)
