"""Quotes: who may quote a post, and what a quote shows of it to a viewer."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.translation import gettext as _

from accounts.models import Member, blocked_either_way
from posts.models import FOR_EVERYONE, Post, visible
from social.models import Follow
from social.queries import muted_ids

HIDDEN, REVOKED, DELETED = "hidden", "revoked", "deleted"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a quote shows: the quoted post, or why there is none.

    To those who could not see the post if it were published, it is always hidden, so that they don't learn that its
    author deleted it or revoked the quote.
    """

    post: Post | None = None
    state: str = ""


def load_quoted(posts: Iterable[Post], viewer: Member | None) -> None:
    """Set `quoted` on those of the posts that quote another. Takes a query if there are any, without it already."""
    quotes = [post for post in posts if post.is_quote and post.quoted is None]
    if not quotes:
        return
    ids = {post.quote_of_id for post in quotes if post.quote_of_id is not None}
    found = {post.pk: post for post in _with_rights(ids, viewer)}
    for post in quotes:
        post.quoted = _quoted(post, found.get(post.quote_of_id or 0))


def _with_rights(ids: set[int], viewer: Member | None) -> Iterable[Post]:
    could = Q(author__is_active=True, author__is_private=False, visibility__in=FOR_EVERYONE)
    if viewer is not None:
        could &= ~Q(author__in=blocked_either_way(viewer))
    return (
        Post.objects.filter(pk__in=ids)
        .with_card_fields()
        .annotate(
            is_visible=_case(visible(viewer)),
            could_be_visible=_case(could),
            is_muted=Value(False) if viewer is None else _case(Q(author__in=muted_ids(viewer))),
        )
    )


def _case(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def _quoted(quote: Post, post: Post | None) -> Quoted:
    if post is None:
        return Quoted(state=DELETED)  # With its author.
    if quote.quote_revoked:
        return Quoted(state=REVOKED if post.could_be_visible else HIDDEN)  # type: ignore[attr-defined]
    if post.is_visible:  # type: ignore[attr-defined]
        if post.is_muted:  # type: ignore[attr-defined]
            post.filtered_word = f"@{post.author.username}"
        return Quoted(post)
    is_deleted = post.state == Post.State.DELETED and post.could_be_visible  # type: ignore[attr-defined]
    return Quoted(state=DELETED if is_deleted else HIDDEN)


def may_quote(post: Post, viewer: Member | None, *, follows: bool) -> bool:
    """Return whether `viewer`, who can read the post, may quote it; `follows`: they follow its author."""
    if viewer is None or not post.can_be_shared:
        return False
    if post.author_id == viewer.pk or post.quote_policy == Post.QuotePolicy.EVERYONE:
        return True
    return post.quote_policy == Post.QuotePolicy.FOLLOWERS and follows


def why_no_quote(post: Post, viewer: Member) -> str:
    """Return why `viewer`, who can read the post, may not quote it, or "". Takes a query if only followers may."""
    only_followers = post.quote_policy == Post.QuotePolicy.FOLLOWERS
    follows = only_followers and Follow.objects.by(viewer).filter(followee=post.author_id).exists()
    if may_quote(post, viewer, follows=follows):
        return ""
    if not post.can_be_shared:
        return _("Only posts that everyone can see can be quoted.")
    if only_followers:
        return _("Only followers of @%(name)s can quote this post.") % {"name": post.author.username}
    return _("@%(name)s doesn’t allow quotes of this post.") % {"name": post.author.username}
