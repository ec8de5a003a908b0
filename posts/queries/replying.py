"""Who may reply to a post: those whom its author chose (`Post.reply_policy`), of those who may read it.

A policy is about replies to the post itself. A reply has a policy of its own.
"""

from django.utils.translation import gettext as _

from accounts.models import Member
from posts.models import Mention, Post
from social.models import Follow


def may_reply(post: Post, viewer: Member, *, follows: bool, is_named: bool) -> bool:
    """Return whether `viewer` may reply. The author may, and so may whom the post replies to if it is for people it
    mentions: they are addressed without being mentioned.
    """
    if post.author_id == viewer.pk:
        return True
    if post.reply_policy == Post.ReplyPolicy.FOLLOWERS:
        return follows
    if post.reply_policy == Post.ReplyPolicy.MENTIONED:
        return is_named or (post.in_reply_to is not None and post.in_reply_to.author_id == viewer.pk)
    return True


def why_no_reply(post: Post, viewer: Member) -> str:
    """Return why `viewer` may not reply, or "". Takes a query if the author limited replies."""
    follows = is_named = False
    if post.reply_policy == Post.ReplyPolicy.FOLLOWERS:
        follows = Follow.objects.by(viewer).filter(followee=post.author_id).exists()
    elif post.reply_policy == Post.ReplyPolicy.MENTIONED:
        is_named = Mention.objects.filter(post=post, member=viewer).exists()
    if may_reply(post, viewer, follows=follows, is_named=is_named):
        return ""
    if post.reply_policy == Post.ReplyPolicy.FOLLOWERS:
        return _("Only followers of @%(name)s can reply to this post.") % {"name": post.author.username}
    return _("Only people mentioned in this post can reply to it.")
