"""Quote posts, and revoke quotes: the quote stays, the embedded post goes."""

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Forbidden, Invalid, NotFound
from posts.actions.states import check_own, publish_changed
from posts.models import Post
from posts.quoting import why_no_quote

PUBLISHED_MAX = 100
"""To how many quotes a live message is sent when all are revoked."""


def checked_quote(post_id: int | None, by: Member) -> Post | None:
    """Return the post to quote. Raises NotFound if `by` can't see it, Forbidden if its author doesn't allow it."""
    if post_id is None:
        return None
    post = Post.objects.visible_to(by).select_related("author").filter(pk=post_id).first()
    if post is None or not post.is_published:
        raise NotFound(_("The post you quoted isn’t available any more."))
    if sentence := why_no_quote(post, by):
        raise Forbidden(sentence)
    return post


def change_quote_policy(*, post: Post, by: Member, policy: str) -> bool:
    """Change who may quote the post from now on. Return False if it is the same. Quotes there are stay."""
    check_own(post, by)
    if policy not in Post.QuotePolicy.values:
        sentence = _("Choose who can quote the post.")
        raise Invalid(sentence, fields={"quote_policy": [sentence]})
    open_posts = Post.objects.filter(pk=post.pk).exclude(state=Post.State.DELETED)
    changed = open_posts.exclude(quote_policy=policy).update(quote_policy=policy)
    post.quote_policy = policy
    return bool(changed)


def revoke_quote(*, post: Post, quote_id: int, by: Member) -> bool:
    """Take `post` out of a quote of it. Return False if it was done before. Raises NotFound if `by` sees no such
    quote.
    """
    check_own(post, by)
    with transaction.atomic():
        rows = {row.pk: row for row in Post.objects.filter(pk__in=[post.pk, quote_id]).locked()}
        now = rows.get(quote_id)
        is_seen = Post.objects.visible_to(by).filter(pk=quote_id).exists()
        if post.pk not in rows or now is None or now.quote_of_id != post.pk or not is_seen:
            raise NotFound(_("This quote isn’t available any more."))
        if now.quote_revoked:
            return False
        # Whether it counts is read after the lock, as closing an account changes it under the same lock.
        counted = Post.objects.visible_to(None).filter(pk=quote_id).exists()
        Post.objects.filter(pk=quote_id).update(quote_revoked=True)
        if counted:
            Post.objects.filter(pk=post.pk).update(quotes_count=F("quotes_count") - 1)
        publish_changed([quote_id])
    return True


def revoke_all_quotes(*, post: Post, by: Member) -> int:
    """Take `post` out of all quotes of it. Return out of how many. Who may quote it from now on stays as it is."""
    check_own(post, by)
    with transaction.atomic():
        # The post is older than its quotes, so this is the order of ids.
        rows = list(Post.objects.filter(Q(pk=post.pk) | Q(quote_of=post.pk, quote_revoked=False)).locked())
        ids = [row.pk for row in rows if row.pk != post.pk]
        Post.objects.filter(quote_of=post.pk, quote_revoked=False).update(quote_revoked=True)
        Post.objects.filter(pk=post.pk).update(quotes_count=0)
        publish_changed(ids[-PUBLISHED_MAX:])
    return len(ids)
