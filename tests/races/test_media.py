"""Race attachments: a file belongs to one post, and nobody stores more than their quota."""

from typing import Any

import pytest
from django.db.models import Sum

from core.refusals import Conflict, Invalid
from media import actions
from media.actions import attachments
from media.images import Variants
from media.models import Attachment
from posts.actions import delete_post, edit_post, write_post
from posts.models import Post
from posts.options import PostOptions
from tests.factories import make_member, make_post
from tests.media.conftest import picture
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]


def ready(owner: Any) -> Attachment:
    return Attachment.objects.create(owner=owner, kind="image", state="ready", files={"large.webp": "one"})


def test_many_posts_want_the_same_picture(race):
    author = make_member()

    def round_of(number):
        options = PostOptions(media=(ready(author).pk,))
        return [
            lambda n=n: bool(write_post(by=author, text=f"{n}", options=options)) for n in range(PARALLEL)
        ]

    def check(results):
        assert results.count(True) == 1
        assert sum(isinstance(result, Invalid) for result in results) == PARALLEL - 1
        posts = Post.objects.filter(media_count__gt=0)
        assert posts.count() == Attachment.objects.exclude(post=None).count()
        return Attachment.objects.unattached().count()

    assert race.run(round_of, check).rows == 0


def test_a_post_is_edited_and_deleted_while_its_pictures_are_discarded(race, rng):
    author = make_member()
    posts: list[Post] = []

    def round_of(number):
        pictures = [ready(author) for _each in range(4)]
        posts.append(make_post(author, media=(pictures[0].pk,)))
        post = posts[-1]
        calls: list[Any] = [
            lambda n=n: edit_post(
                post=Post.objects.get(pk=post.pk),
                by=author,
                media=[one.pk for one in rng.sample(pictures, 2)],
            )
            for n in range(PARALLEL - 5)
        ]
        calls += [lambda one=one: actions.discard(attachment=one, by=author) for one in pictures]
        calls += [lambda: delete_post(post=Post.objects.get(pk=post.pk), by=author)]
        rng.shuffle(calls)
        return calls

    def check(results):
        now = Post.objects.get(pk=posts[-1].pk)
        assert (now.state, now.media_count, now.attachments.count()) == ("deleted", 0, 0)
        return Attachment.objects.exclude(post=None).count()

    assert race.run(round_of, check).rows == 0


def test_many_uploads_share_a_quota(race, settings, monkeypatch):
    settings.MEDIA_QUOTA_MB = 1
    member, size = make_member(), 100_000
    made = Variants(width=1, height=1, animated=False, blurhash="", files={"large.webp": bytes(size)})
    monkeypatch.setattr(attachments, "make_variants", lambda file: made)

    def round_of(number):
        Attachment.objects.all().delete()
        return [
            lambda: bool(actions.upload_attachment(by=member, file=picture(size=(8, 8))))
            for _each in range(PARALLEL)
        ]

    def check(results):
        assert all(result is True or isinstance(result, (Invalid, Conflict)) for result in results)
        used = Attachment.objects.filter(owner=member).aggregate(used=Sum("size"))["used"]
        assert used == results.count(True) * size
        assert used <= 1024 * 1024
        return results.count(True)

    assert race.run(round_of, check).rows == 10
