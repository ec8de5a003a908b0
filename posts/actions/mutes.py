from django.db import transaction

from accounts.models import Member
from core.db import insert_once
from core.refusals import NotFound
from posts.models import Post, ThreadMute


def mute_thread(*, post: Post, by: Member) -> bool:
    """Stop notifying `by` of replies, mentions and likes in the post's thread. Return False if it was muted."""
    with transaction.atomic():
        if not Post.objects.visible_to(by).filter(pk=post.pk).exists():
            raise NotFound
        return insert_once(ThreadMute(member=by, root_id=post.root_id or post.pk))


def unmute_thread(*, post: Post, by: Member) -> bool:
    deleted, _ = ThreadMute.objects.filter(member=by, root=post.root_id or post.pk).delete()
    return bool(deleted)
