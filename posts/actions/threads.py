"""Write a thread: several posts at once, each a reply to the one before it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core import idempotency
from core.refusals import Invalid
from posts.actions.writing import write_post
from posts.models import Post
from posts.options import PostContent

THREAD_MAX = 25


class InvalidPost(Invalid):
    """A post of a thread is invalid: the one at `index`."""

    def __init__(self, index: int, refusal: Invalid) -> None:
        self.index = index
        fields = {f"posts[{index}].{name}": errors for name, errors in refusal.fields.items()}
        super().__init__(refusal.message, code=refusal.code, fields=fields)


def write_thread(
    *,
    by: Member,
    posts: Sequence[PostContent],
    in_reply_to: Post | None = None,
    idempotency_key: str | None = None,
) -> list[Post]:
    """Write these posts, all or none, each a reply to the one before and the first to `in_reply_to`.

    A repeated `idempotency_key` returns the first ones. Raises like `write_post`; an Invalid names the post.
    """
    check_length(posts)
    content = "\n".join([str(in_reply_to.pk if in_reply_to else ""), *(repr(post) for post in posts)])
    with transaction.atomic():
        if idempotency_key:
            # Locked, so that of two equal requests the second sees what the first has written.
            lock_members(by.pk)
            first_id = idempotency.recall(
                actor_id=by.pk, purpose="write_thread", key=idempotency_key, content=content
            )
            if first_id is not None:
                return _written(first_id, len(posts))
        written: list[Post] = []
        parent = in_reply_to
        for index, post in enumerate(posts):
            try:
                parent = write_post(by=by, text=post.text, in_reply_to=parent, options=post.options)
            except Invalid as refusal:
                raise InvalidPost(index, refusal) from refusal
            written.append(parent)
        if idempotency_key:
            idempotency.remember(
                actor_id=by.pk,
                purpose="write_thread",
                key=idempotency_key,
                content=content,
                result_id=written[0].pk,
            )
    return written


def check_length(posts: Sequence[PostContent]) -> None:
    """Raise Invalid for a thread without posts, or with too many."""
    if not posts:
        sentence = _("Write something first.")
    elif len(posts) > THREAD_MAX:
        sentence = _("A thread can have up to %(most)s posts.") % {"most": THREAD_MAX}
    else:
        return
    raise Invalid(sentence, fields={"posts": [sentence]})


def _written(first_id: int, count: int) -> list[Post]:
    """Return the posts of a thread that was written before: each is its author's first reply to the one before."""
    posts = list(Post.objects.select_related("author").filter(pk=first_id))
    while posts and len(posts) < count:
        replies = Post.objects.select_related("author").filter(
            in_reply_to=posts[-1].pk, author=posts[-1].author_id
        )
        following = replies.order_by("pk").first()
        if following is None:
            break
        posts.append(following)
    return posts
