from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Member
from core.pages import PAGE_SIZE, Page, paginate
from core.text import mentions
from feed.queries.chronological import (
    before_id,
    before_of_cursor,
    either,
    load_page,
    newest_of_each,
    without_reposted,
)
from posts.models import Like, Post, PostQuerySet, Repost
from posts.muting import exclude_muted_authors, mute_filter_for
from posts.queries.reposts import Reposter, Reposters
from posts.text import render_html


def posts_of(
    member: Member,
    *,
    viewer: Member | None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Post]:
    """Return the member’s posts that aren’t replies and the posts that they have reposted, newest first. Raise Invalid
    for a bad cursor.

    What others wrote is left out if the viewer has muted them.
    """
    page = _posts_and_reposts(member, Post.objects.all(), viewer, cursor, size)
    mute_filter_for(viewer).mark(page.items, "home")
    return page


def pins_and_posts_of(
    member: Member, *, viewer: Member | None, cursor: str | None = None
) -> tuple[list[Post], Page[Post]]:
    """Return for the profile what `pins_of` and `posts_of` return, each post once; the pins on the first page only."""
    unpinned = Post.objects.exclude(author=member, pinned_at__isnull=False, state=Post.State.PUBLISHED)
    page = _posts_and_reposts(member, unpinned, viewer, cursor, PAGE_SIZE)
    pinned = [] if cursor else list(_pinned_by(member, viewer))
    mute_filter_for(viewer).mark([*pinned, *page.items], "home")
    return pinned, page


def _posts_and_reposts(
    member: Member, among: PostQuerySet, viewer: Member | None, cursor: str | None, size: int
) -> Page[Post]:
    """Return a page of `among` that the member wrote or reposted, each once, at its place (decision 46)."""
    before = before_of_cursor(cursor)
    reposts = Repost.objects.visible_to(viewer).filter(member=member)
    # Most posts aren’t replies. As an expression, the condition doesn’t make SQLite read all of them instead of using
    # the author's index (150 ms at 400,000 posts for a member with ten).
    originals = among.annotate(answered=Coalesce("in_reply_to_id", 0)).filter(answered=0)
    own = without_reposted(originals.visible_to(viewer).by_author(member), reposts)
    written = before_id(own, before).order_by("-id").values_list("id", flat=True)[: size + 1]
    visible = among.visible_to(viewer)
    shown = visible.by_author(member) | exclude_muted_authors(visible, viewer)
    newest = newest_of_each(reposts, before, among=None)
    newest = newest.filter(Exists(shown.filter(pk=OuterRef("post_id")))).order_by("-id")[: size + 1]
    reposted = Repost.objects.filter(pk__in=newest.values("pk")).values_list("post_id", flat=True)
    page = load_page(either(written, reposted), viewer, size, reposts=reposts)
    by_member = Reposters([Reposter(member.pk, member.username, member.name)], 1)
    for post in page.items:
        post.reposters = by_member if post.newest_repost else None
    return page


def pins_of(member: Member, *, viewer: Member | None) -> list[Post]:
    """Return the posts pinned to the member’s profile that the viewer may see, the latest pin first."""
    posts = list(_pinned_by(member, viewer))
    mute_filter_for(viewer).mark(posts, "home")
    return posts


def _pinned_by(member: Member, viewer: Member | None) -> PostQuerySet:
    pinned = Post.objects.visible_to(viewer).by_author(member).pinned().filter(state=Post.State.PUBLISHED)
    return pinned.with_card_fields()


def replies_of(
    member: Member, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Post]:
    return _with_warnings(Post.objects.visible_to(viewer).by_author(member).replies(), viewer, cursor, size)


def media_of(
    member: Member, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Post]:
    """Return the member’s posts and replies with pictures, videos or sounds, newest first."""
    posts = Post.objects.visible_to(viewer).by_author(member).filter(media_count__gt=0)
    return _with_warnings(posts, viewer, cursor, size)


def _with_warnings(posts: PostQuerySet, viewer: Member | None, cursor: str | None, size: int) -> Page[Post]:
    """Return all of a profile’s posts, with a warning instead of hiding what has a muted word."""
    page = paginate(posts.with_card_fields(), cursor=cursor, size=size)
    mute_filter_for(viewer).mark(page.items, "home")
    return page


def likes_of(member: Member) -> "QuerySet[Like]":
    """Return the member’s likes with their posts, to be paged by id (the latest like comes first)."""
    visible = Post.objects.visible_to(member).filter(pk=OuterRef("post_id"))
    likes = Like.objects.filter(member=member).filter(Exists(visible))
    return likes.select_related("post__author", "post__in_reply_to__author").order_by("-id")


def bio_html(member: Member) -> SafeString:
    """Render the bio with links, hashtags and mentions. The result is safe HTML."""
    named = mentions(member.bio)
    known = (
        Member.objects.visible_to(None).filter(username__in=named).values_list("username", flat=True)
        if named
        else ()
    )
    return mark_safe(render_html(member.bio, set(known)))
