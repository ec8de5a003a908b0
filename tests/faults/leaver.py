"""A process to kill while it erases a member, makes a data export, or runs an import.

Run as `python -m tests.faults.leaver STEP [N]`, with DATABASE_URL in the environment:
make            create members who wait for erasure, an export and an import
erase           erase the member; with N, die in the Nth step of the erasure, before its commit
export          make the export; with N, die at its Nth heartbeat; with -1, after the file is saved but not its row
import          run the import; with N, die in the Nth row
state           print the state of the database as JSON
"""

import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()

from celery import current_app  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.files.storage import storages  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import actions  # noqa: E402
from accounts.actions import deletion, exports, transfers  # noqa: E402
from accounts.models import DataExport, DataImport, Member  # noqa: E402
from accounts.tasks import erase_due_members, make_waiting_exports, run_waiting_imports  # noqa: E402
from accounts.transfers import transfer_of  # noqa: E402
from core.events import deliver_pending  # noqa: E402
from messaging.actions import send_message  # noqa: E402
from messaging.models import Message  # noqa: E402
from posts.actions import bookmark_post, like_post  # noqa: E402
from posts.models import Bookmark, Like, Post  # noqa: E402
from social.actions import follow_member  # noqa: E402
from social.models import Follow  # noqa: E402
from tests.factories import make_member, make_post  # noqa: E402

POSTS, NAMES = 30, 12


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def make() -> None:
    leaver, other, keeper = make_member("leaver"), make_member("other"), make_member("keeper")
    for member in (other, keeper):
        follow_member(member=leaver, by=member)
        follow_member(member=member, by=leaver)
        send_message(by=leaver, to=member, text="From who leaves")
    for n in range(POSTS):
        own, theirs = make_post(leaver, f"Own {n} #leaving"), make_post(other, f"Theirs {n}")
        like_post(post=theirs, by=leaver)
        bookmark_post(post=theirs, by=leaver)
        like_post(post=own, by=other)
        if n % 3 == 0:
            make_post(other, f"Answer {n}", in_reply_to=own)
            make_post(leaver, f"Own answer {n}", in_reply_to=theirs)
    deliver_pending()
    actions.request_deletion(member=leaver, by=leaver)
    past = timezone.now() - timedelta(days=settings.ACCOUNT_GRACE_DAYS, seconds=1)
    Member.objects.filter(pk=leaver.pk).update(deletion_requested_at=past)
    # Jobs run only in the steps above.
    current_app.conf.task_always_eager = False
    actions.request_export(member=other, by=other)
    names = [make_member().username for _ in range(NAMES)]
    actions.request_import(by=keeper, kind="follows", content="\n".join(names).encode())


def erase(at: int) -> None:
    if at:
        real, seen = deletion._erasers, 0

        def counting(part: str) -> list[Any]:
            def killed(eraser: Any) -> Any:
                def run(member_id: int) -> int:
                    nonlocal seen
                    with transaction.atomic():
                        done: int = eraser(member_id)
                        seen += bool(done)
                        if seen == at:
                            die()
                    return done

                return run

            return [killed(eraser) for eraser in real(part)]

        deletion._erasers = counting
    erase_due_members()


def export(at: int) -> None:
    DataExport.objects.update(due_at=timezone.now())
    if at > 0:
        seen = 0

        def beat() -> None:
            nonlocal seen
            seen += 1
            if seen == at:
                die()

        exports._heartbeat = lambda export: beat
    elif at < 0:
        storage = storages["private"]
        real = storage.save

        def save_and_die(*args: Any, **options: Any) -> str:
            real(*args, **options)
            die()
            return ""

        storage.save = save_and_die  # type: ignore[method-assign]
    make_waiting_exports()


def bring(at: int) -> None:
    DataImport.objects.update(due_at=timezone.now())
    if at:
        real, seen = transfer_of, 0

        def counting(kind: str) -> Any:
            how = real(kind)

            def apply(by: Member, given: str, note: str) -> Any:
                nonlocal seen
                result = how.apply(by, given, note)
                seen += 1
                if seen == at:
                    die()
                return result

            return type(how)(**{**vars(how), "apply": apply})

        vars(transfers)["transfer_of"] = counting
    run_waiting_imports()


def state() -> None:
    leaver = Member.objects.filter(username="leaver").first()
    keeper = Member.objects.get(username="keeper")
    folder = storages["private"].path("exports")
    found = {
        "leaver": leaver is not None,
        "own": Post.objects.exclude(text="").filter(text__startswith="Own").count(),
        "places": Post.objects.filter(author__username="-").count(),
        "answers": Post.objects.filter(text__startswith="Answer", in_reply_to__state="deleted").count(),
        "likes": Like.objects.count(),
        "bookmarks": Bookmark.objects.count(),
        "messages": Message.objects.count(),
        "exports": list(DataExport.objects.values_list("state", flat=True)),
        "files": len(os.listdir(folder)) if os.path.isdir(folder) else 0,
        "rows": keeper.imports.get().rows.filter(outcome="done").count(),
        "followed": Follow.objects.by(keeper).count(),
        "following_count": keeper.following_count,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    step, number = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    match step:
        case "make":
            make()
        case "erase":
            erase(number)
        case "export":
            export(number)
        case "import":
            bring(number)
        case "recount":
            call_command("recount")
        case "state":
            state()
