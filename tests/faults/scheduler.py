"""A process to kill while it sends a scheduled thread.

Run as `python -m tests.faults.scheduler STEP`, with DATABASE_URL in the environment:
make            schedule a thread of three posts that is due
die-in-post     send what is due, and die after the second post, before the commit
die-at-commit   send what is due, and die right after the commit
send            run the sweep, as at the next start
count           print how many posts and how many drafts there are
"""

import os
import signal
import sys
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from posts.actions import create_draft, threads  # noqa: E402
from posts.models import Draft, Post  # noqa: E402
from posts.options import PostContent  # noqa: E402
from posts.tasks import send_due_drafts  # noqa: E402
from tests.factories import make_member  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def make() -> None:
    draft = create_draft(
        by=make_member("scheduler"),
        posts=[PostContent(text=text) for text in ("One", "Two", "Three")],
        scheduled_at=timezone.now() + timedelta(hours=1),
    )
    Draft.objects.filter(pk=draft.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def send(step: str) -> None:
    write = vars(threads)["write_post"]

    def dying(**given: object) -> Post:
        post: Post = write(**given)
        if step == "die-in-post" and post.text == "Two":
            die()
        if step == "die-at-commit" and post.text == "Three":
            transaction.on_commit(die)
        return post

    vars(threads)["write_post"] = dying
    send_due_drafts()


def main() -> None:
    match step := sys.argv[1]:
        case "make":
            make()
        case "count":
            print(Post.objects.count(), Draft.objects.count())
        case _:
            send(step)


if __name__ == "__main__":
    main()
